package vmm.vmmd.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.vmmd.core.Input;

/** What the host has: the root policy, and the block devices that are there (BEHAVIOUR 5, 7). */
public final class HostFacts {
    private static final Logger LOG = LogManager.getLogger(HostFacts.class);
    private static final Path NET = Path.of("/sys/class/net");
    private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");
    private static final long MIB = 1024 * 1024;

    private HostFacts() {}

    /** Everything the host has: nobody below may have more. */
    public static Policy rootPolicy(Path blocks) throws IOException {
        return Policy.of(
                cpus(), Policy.UNLIMITED, memoryMiB(), OptionalLong.of(diskMiB(blocks)), bridges());
    }

    private static List<Long> cpus() throws IOException {
        var ids = new ArrayList<Long>();
        for (String range : Files.readString(ONLINE).strip().split(",", -1)) {
            String[] ends = range.split("-", -1);
            LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1]))
                    .forEach(ids::add);
        }
        return ids;
    }

    private static long memoryMiB() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/meminfo does not tell MemTotal"));
    }

    /** All of it, not what is free: the block devices that are there count against it. */
    private static long diskMiB(Path folder) throws IOException {
        return Files.getFileStore(folder).getTotalSpace() / MIB;
    }

    private static List<String> bridges() throws IOException {
        try (Stream<Path> interfaces = Files.list(NET)) {
            return interfaces
                    .filter(i -> Files.isDirectory(i.resolve("bridge")))
                    .map(i -> String.valueOf(i.getFileName()))
                    .toList();
        }
    }

    /** True if the host has this bridge now. */
    public static boolean hasBridge(String name) {
        return !name.contains("/")
                && !name.isEmpty()
                && Files.isDirectory(NET.resolve(name).resolve("bridge"));
    }

    /** The block devices of DB/block; what is none is left alone, with a warning. */
    public static List<Input.Found> blocks(Path folder) throws IOException {
        var found = new ArrayList<Input.Found>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                long size = Files.size(file);
                if (BlockFiles.isBeside(name)) {
                    continue;
                }
                if (Name.problem(name).isPresent() || Name.parse(name).isPath()) {
                    LOG.warn("{} is no block device: its name is none", file);
                } else if (size == 0 || size % MIB != 0) {
                    LOG.warn("{} is no block device: {} bytes are no whole MB", file, size);
                } else {
                    found.add(new Input.Found(Name.parse(name), size / MIB));
                }
            }
        }
        return found;
    }
}
