package vmm.core;

import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What everything at and below a path may use, in sum (BEHAVIOUR 5).
 *
 * @param cpuids the CPUs that unikernels may be pinned to
 * @param unikernels how many may run
 * @param memoryMiB their memory in sum
 * @param blockMiB all block devices in sum; absent: none are allowed
 * @param bridges host bridges that unikernels may be put into, in the order of their bytes
 */
public record Policy(
        SortedSet<Long> cpuids,
        long unikernels,
        long memoryMiB,
        OptionalLong blockMiB,
        SortedSet<String> bridges) {

    /** What "unlimited" is on the wire: the largest INTEGER that albatross reads. */
    public static final long UNLIMITED = (1L << 62) - 1;

    private static final long MEMORY_MIB_MIN = 16;

    public Policy {
        cpuids = cpuids(cpuids);
        bridges = bridges(bridges);
    }

    private static SortedSet<Long> cpuids(Collection<Long> ids) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(ids));
    }

    private static SortedSet<String> bridges(Collection<String> names) {
        var sorted = new TreeSet<>(Text.BYTE_ORDER);
        sorted.addAll(names);
        return Collections.unmodifiableSortedSet(sorted);
    }

    /** A policy of collections in any order. */
    public static Policy of(
            Collection<Long> cpuids,
            long unikernels,
            long memoryMiB,
            OptionalLong blockMiB,
            Collection<String> bridges) {
        return new Policy(cpuids(cpuids), unikernels, memoryMiB, blockMiB, bridges(bridges));
    }

    /** Says why nothing could ever run under this policy, or is empty if something could. */
    public Optional<String> unusable() {
        if (unikernels <= 0) {
            return Optional.of("unusable policy: it allows no unikernels");
        }
        if (cpuids.isEmpty()) {
            return Optional.of("unusable policy: it allows no CPU ids");
        }
        if (memoryMiB <= MEMORY_MIB_MIN) {
            return Optional.of(
                    "unusable policy: it needs more than " + MEMORY_MIB_MIN + " MB memory");
        }
        if (blockMiB.isPresent() && blockMiB.getAsLong() < 0) {
            return Optional.of("unusable policy: block storage must not be negative");
        }
        return Optional.empty();
    }

    /** Says in what this policy exceeds {@code above}, or is empty if it is smaller or equal. */
    public Optional<String> exceeds(Policy above) {
        if (unikernels > above.unikernels) {
            return Optional.of(
                    "policy above allows "
                            + above.unikernels
                            + " unikernels, which is fewer than "
                            + unikernels);
        }
        if (memoryMiB > above.memoryMiB) {
            return Optional.of(
                    "policy above allows "
                            + above.memoryMiB
                            + " MB memory, which is fewer than "
                            + memoryMiB
                            + " MB");
        }
        if (!above.cpuids.containsAll(cpuids)) {
            return Optional.of(
                    "policy above does not allow CPU ids " + join(without(cpuids, above.cpuids)));
        }
        if (blockMiB.isPresent() && above.blockMiB.isEmpty()) {
            return Optional.of("policy above allows no block storage");
        }
        if (blockMiB.isPresent() && blockMiB.getAsLong() > above.blockMiB.getAsLong()) {
            return Optional.of(
                    "policy above allows "
                            + above.blockMiB.getAsLong()
                            + " MB block storage, which is fewer than "
                            + blockMiB.getAsLong()
                            + " MB");
        }
        if (!above.bridges.containsAll(bridges)) {
            return Optional.of(
                    "policy above does not allow bridges " + join(without(bridges, above.bridges)));
        }
        return Optional.empty();
    }

    /** What it allows, in a line of words. */
    public String summary() {
        return (unikernels == UNLIMITED ? "any number of" : unikernels)
                + " unikernels, "
                + memoryMiB
                + " MB memory, "
                + (blockMiB.isPresent() ? blockMiB.getAsLong() + " MB" : "no")
                + " block storage, CPU ids "
                + join(cpuids)
                + (bridges.isEmpty() ? "" : ", bridges " + join(bridges));
    }

    static <T> Collection<T> without(Collection<T> all, Collection<T> some) {
        return all.stream().filter(x -> !some.contains(x)).toList();
    }

    static String join(Collection<?> items) {
        return items.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
