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
     * {@code BlockInfo}; the forms before 2.4 say only what was asked for, and leave out defaults.
     *
     * @param device the host's device; absent: the same as {@code name}
     * @param sector in bytes
     * @param size in MB
     */
    public record Block(
            String name, Optional<String> device, OptionalLong sector, OptionalLong size) {
        public Block(String name, String hostDevice, long sectorSize, long sizeMiB) {
            this(
                    name,
                    Optional.of(hostDevice),
                    OptionalLong.of(sectorSize),
                    OptionalLong.of(sizeMiB));
        }

        public String hostDevice() {
            return device.orElse(name);
        }

        public long sectorSize() {
            return sector.orElse(BlockDevice.SECTOR_BYTES_DEFAULT);
        }

        public long sizeMiB() {
            return size.orElse(0);
        }
    }

    /**
     * {@code NetInfo}; the forms before 2.4 say only what was asked for, and leave out defaults.
     *
     * @param bridge the host's bridge; absent: the same as {@code name}
     */
    public record Net(String name, Optional<String> bridge, Optional<MacAddress> given) {
        private static final MacAddress NO_MAC = new MacAddress(0);

        public Net(String name, String hostDevice, MacAddress mac) {
            this(name, Optional.of(hostDevice), Optional.of(mac));
        }

        public String hostDevice() {
            return bridge.orElse(name);
        }

        public MacAddress mac() {
            return given.orElse(NO_MAC);
        }
    }

    public UnikernelInfo {
        cpuids = Collections.unmodifiableSortedSet(new TreeSet<>(cpuids));
        blocks = List.copyOf(blocks);
        networks = List.copyOf(networks);
        argv = argv.map(List::copyOf);
    }
}
