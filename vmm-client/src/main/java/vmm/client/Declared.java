package vmm.client;

import java.util.List;
import java.util.Optional;
import vmm.core.Arguments;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;

/** What there should be, as a file for {@code vmm apply} says it. What it leaves out stays. */
record Declared(List<Limit> limits, List<Device> devices, List<Unikernel> unikernels) {
    /** What everything at and below {@code path} may use. */
    record Limit(Path path, Policy policy) {}

    /**
     * A block device.
     *
     * @param content what is on it when it is made; later it belongs to the unikernels
     */
    record Device(Name name, long sizeMiB, Optional<java.nio.file.Path> content) {}

    /** What runs, and with what. */
    record Unikernel(Name name, java.nio.file.Path image, Arguments arguments) {}

    Declared {
        limits = List.copyOf(limits);
        devices = List.copyOf(devices);
        unikernels = List.copyOf(unikernels);
    }
}
