package vmm.core;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A unikernel as {@code info} tells of it. {@code InfoV6}; older forms carry a part of it.
 *
 * @param digest SHA-256 of the uncompressed image
 * @param started absent in the oldest form, and while it does not run
 */
public record UnikernelInfo(
        Typ typ,
        OptionalLong startup,
        FailBehaviour fail,
        SortedSet<Long> cpuids,
        long memoryMiB,
        Bytes digest,
        List<Block> blocks,
        List<Net> networks,
        Optional<List<String>> argv,
        Optional<Instant> started,
        long cpus,
        Optional<String> linuxBootPartition) {

    /**
     * {@code BlockInfo}
     *
     * @param sectorSize in bytes
     */
    public record Block(String name, String hostDevice, long sectorSize, long sizeMiB) {}

    /**
     * {@code NetInfo}
     *
     * @param hostDevice the bridge
     */
    public record Net(String name, String hostDevice, MacAddress mac) {
        /** What a missing MAC of the older forms is read as. */
        public static final MacAddress NO_MAC = new MacAddress(0);
    }

    public UnikernelInfo {
        cpuids = Collections.unmodifiableSortedSet(new TreeSet<>(cpuids));
        blocks = List.copyOf(blocks);
        networks = List.copyOf(networks);
        argv = argv.map(List::copyOf);
    }
}
