package vmm.stats.core;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;

/**
 * What vmmd last said of everything: names are whole, for it was asked at the root.
 *
 * @param doings empty where vmmd has no control socket
 */
public record Facts(
        List<Limit> policies,
        List<Unikernel> unikernels,
        List<Device> devices,
        List<Doing> doings) {
    public static final Facts NONE = new Facts(List.of(), List.of(), List.of(), List.of());

    public record Limit(Path path, Policy policy) {}

    /**
     * @param digest of its image, in hexadecimal
     * @param running false while it waits for its restart, or cannot start
     */
    public record Unikernel(
            Name name, String type, String digest, long memoryMiB, boolean running) {}

    public record Device(Name name, long sizeMiB, boolean active) {}

    /**
     * What a unikernel is doing, which the wire has no words for.
     *
     * @param state vmmd's word: starting, running, paused, ending, waiting, parked
     * @param failures how many exits came one after another
     * @param reason why it waits, or empty text
     * @param nextStart when one that waits is started again
     */
    public record Doing(
            Name name, String state, long failures, String reason, Optional<Instant> nextStart) {}

    /** What is used at and below a path. */
    public record Use(long unikernels, long memoryMiB, long blockMiB) {
        public static final Use NONE = new Use(0, 0, 0);

        Use plus(Use more) {
            return new Use(
                    unikernels + more.unikernels,
                    memoryMiB + more.memoryMiB,
                    blockMiB + more.blockMiB);
        }
    }

    public Facts {
        policies = List.copyOf(policies);
        unikernels = List.copyOf(unikernels);
        devices = List.copyOf(devices);
        doings = List.copyOf(doings);
    }

    /**
     * What is used at and below each path that has something; who waits for a start uses nothing.
     */
    public Map<Path, Use> uses() {
        var uses = new HashMap<Path, Use>();
        for (Unikernel unikernel : unikernels) {
            if (unikernel.running()) {
                add(uses, unikernel.name(), new Use(1, unikernel.memoryMiB(), 0));
            }
        }
        for (Device device : devices) {
            add(uses, device.name(), new Use(0, 0, device.sizeMiB()));
        }
        return uses;
    }

    private static void add(Map<Path, Use> uses, Name name, Use more) {
        Optional<Path> path = Optional.of(name.path());
        while (path.isPresent()) {
            uses.merge(path.get(), more, Use::plus);
            path = path.get().parent();
        }
    }
}
