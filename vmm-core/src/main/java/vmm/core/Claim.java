package vmm.core;

import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a unikernel needs of the resources of its path.
 *
 * @param blocks host block devices in its own path, each to itself
 */
public record Claim(
        SortedSet<Long> cpuids, long memoryMiB, SortedSet<String> bridges, List<Label> blocks) {
    public Claim {
        cpuids = Collections.unmodifiableSortedSet(new TreeSet<>(cpuids));
        bridges = Collections.unmodifiableSortedSet(new TreeSet<>(bridges));
        blocks = List.copyOf(blocks);
    }

    /**
     * What {@code arguments} ask for.
     *
     * @throws IllegalArgumentException if a block device's name is no label
     */
    public static Claim of(Arguments arguments) {
        var bridges = new TreeSet<String>();
        arguments.networks().forEach(net -> bridges.add(net.hostBridge()));
        return new Claim(
                arguments.cpuids(),
                arguments.memoryMiB(),
                bridges,
                arguments.blocks().stream().map(b -> Label.of(b.hostDevice())).toList());
    }

    Usage usage() {
        return new Usage(1, memoryMiB, 0);
    }
}
