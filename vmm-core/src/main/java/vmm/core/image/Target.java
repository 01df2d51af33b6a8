package vmm.core.image;

import java.util.Optional;

/** Which kind of host an image was built for ({@code abi_target} of its ABI note). */
public enum Target {
    HVT(1),
    SPT(2),
    VIRTIO(3),
    MUEN(4),
    GENODE(5),
    XEN(6);

    private final long number;

    Target(long number) {
        this.number = number;
    }

    public long number() {
        return number;
    }

    static Optional<Target> of(long number) {
        for (Target target : values()) {
            if (target.number == number) {
                return Optional.of(target);
            }
        }
        return Optional.empty();
    }
}
