package vmm.stats.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.os.Cgroups;
import vmm.os.Errno;
import vmm.os.KeptFile;
import vmm.os.Libc;
import vmm.os.ProcText;
import vmm.stats.core.Reading;

/**
 * The files of the control group that a process's domain has (cgroups(7)), in version 1 or 2. One
 * thread.
 */
final class GroupFiles implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(GroupFiles.class);

    /** Version 1 writes no limit as the largest number of whole pages. */
    private static final long UNLIMITED = 1L << 62;

    private static final byte[] THROTTLED_NANOS = key("throttled_time ");
    private static final byte[] THROTTLED_MICROS = key("throttled_usec ");
    private static final byte[] THROTTLED_PERIODS = key("nr_throttled ");
    private static final long NANOS_PER_MICRO = 1_000;

    private final int memory;
    private final int memoryLimit;
    private final int cpu;

    private GroupFiles(int memory, int memoryLimit, int cpu) {
        this.memory = memory;
        this.memoryLimit = memoryLimit;
        this.cpu = cpu;
    }

    /**
     * Empty where the process is in no domain's group, or we may not look.
     *
     * @param mountinfo what /proc/self/mountinfo says
     * @param group what /proc/PID/cgroup says
     */
    static Optional<GroupFiles> open(String mountinfo, String group) {
        try {
            Map<String, Path> folders = Cgroups.domainFolders(mountinfo, group);
            int memory = file(folders, "memory", "memory.usage_in_bytes", "memory.current");
            int limit = file(folders, "memory", "memory.limit_in_bytes", "memory.max");
            int cpu = file(folders, "cpu", "cpu.stat", "cpu.stat");
            return memory < 0 && limit < 0 && cpu < 0
                    ? Optional.empty()
                    : Optional.of(new GroupFiles(memory, limit, cpu));
        } catch (IOException e) {
            LOG.debug("no figures of a control group: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Negative where there is no such file. */
    private static int file(Map<String, Path> folders, String what, String v1, String v2) {
        Path old = folders.get(what);
        Path unified = folders.get(what + "2");
        if (old != null) {
            return open(old.resolve(v1));
        }
        return unified == null ? -1 : open(unified.resolve(v2));
    }

    private static int open(Path file) {
        try {
            return Libc.open(file.toString(), Libc.O_RDONLY, 0);
        } catch (Errno e) {
            LOG.debug("{}", e.getMessage());
            return -1;
        }
    }

    Reading.Group read(KeptFile reader, byte[] content) {
        long used = number(reader, memory, content);
        long limit = number(reader, memoryLimit, content);
        int length = cpu < 0 ? -1 : reader.read(cpu, 0, content);
        long nanos = ProcText.line(content, length, THROTTLED_NANOS);
        long micros = ProcText.line(content, length, THROTTLED_MICROS);
        return new Reading.Group(
                Math.max(0, used),
                limit < 0 || limit >= UNLIMITED ? Reading.Group.UNLIMITED : limit,
                Math.max(0, nanos < 0 ? micros : nanos / NANOS_PER_MICRO),
                Math.max(0, ProcText.line(content, length, THROTTLED_PERIODS)));
    }

    /** Also -1 for the word {@code max}. */
    private static long number(KeptFile reader, int fd, byte[] content) {
        int length = fd < 0 ? -1 : reader.read(fd, 0, content);
        return ProcText.line(content, length, new byte[0]);
    }

    @Override
    public void close() {
        ProcFiles.closeQuietly(memory);
        ProcFiles.closeQuietly(memoryLimit);
        ProcFiles.closeQuietly(cpu);
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
