package vmm.config;

import java.util.Arrays;
import java.util.Locale;

/** What a unikernel is built for. */
public enum Target {
    UNIX,
    MACOSX,
    XEN,
    QUBES,
    VIRTIO,
    HVT,
    SPT,
    MUEN,
    GENODE,
    UNIKRAFT_FIRECRACKER,
    UNIKRAFT_QEMU;

    /** True for what the older dialect can build for. */
    public boolean isClassic() {
        return isUnix() || this == XEN;
    }

    /** True for hosts with sockets. */
    public boolean isUnix() {
        return this == UNIX || this == MACOSX;
    }

    /** True for Xen's domains. */
    public boolean isXen() {
        return this == XEN || this == QUBES;
    }

    /** True for unikernels that Unikraft's kernel carries. */
    public boolean isUnikraft() {
        return this == UNIKRAFT_FIRECRACKER || this == UNIKRAFT_QEMU;
    }

    /** True if a tender attaches the devices that the image's manifest names. */
    public boolean isSolo5() {
        return !isUnix() && !isXen() && !isUnikraft();
    }

    /** The target that {@code text} names. */
    public static Target of(String text) {
        for (Target target : values()) {
            if (target.toString().equals(text)) {
                return target;
            }
        }
        throw new ConfigException(
                "no target '"
                        + text
                        + "': there are "
                        + String.join(
                                ", ", Arrays.stream(values()).map(Target::toString).toList()));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
