package vmm.config;

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
    GENODE;

    /** True for what the older dialect can build for. */
    public boolean isClassic() {
        return isUnix() || this == XEN;
    }

    /** True if it is linked with Solo5's bindings, and so has a manifest. */
    public boolean isSolo5() {
        return this != UNIX && this != MACOSX;
    }

    boolean isUnix() {
        return this == UNIX || this == MACOSX;
    }

    /** The target that {@code text} names. */
    public static Target of(String text) {
        for (Target target : values()) {
            if (target.toString().equals(text)) {
                return target;
            }
        }
        throw new ConfigException("no target '" + text + "': unix, macosx, xen, hvt, spt, …");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
