package vmm.core;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Everything that a unikernel is started with, but its image. {@code ArgumentsV2}
 *
 * @param startup place in the order of start, low first; absent: {@link #STARTUP_DEFAULT}
 * @param addName whether {@code --name=LABEL} is put before its arguments
 * @param cpuids the host's CPUs it is pinned to
 * @param memoryMiB guest memory
 * @param argv its command line; absent and empty differ on the wire only
 * @param cpus how many CPUs it sees (bhyve)
 * @param linuxBootPartition (bhyve)
 */
public record Arguments(
        FailBehaviour fail,
        OptionalLong startup,
        boolean addName,
        SortedSet<Long> cpuids,
        long memoryMiB,
        List<BlockDevice> blocks,
        List<NetDevice> networks,
        Optional<List<String>> argv,
        long cpus,
        Optional<String> linuxBootPartition) {

    public static final long STARTUP_DEFAULT = 50;

    public Arguments {
        cpuids = Collections.unmodifiableSortedSet(new TreeSet<>(cpuids));
        blocks = List.copyOf(blocks);
        networks = List.copyOf(networks);
        argv = argv.map(List::copyOf);
    }

    public long startupOrDefault() {
        return startup.orElse(STARTUP_DEFAULT);
    }

    public List<String> argvOrEmpty() {
        return argv.orElse(List.of());
    }
}
