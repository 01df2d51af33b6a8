package vmm.stats.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.core.Sample;
import vmm.os.Errno;
import vmm.os.GuardedFigures;
import vmm.os.KeptFile;
import vmm.os.Libc;
import vmm.os.ProcText;
import vmm.stats.core.Reading;
import vmm.wire.supervisor.FiguresResponse;

/**
 * The files of one process, all opened in one folder of /proc: they never mean another process that
 * gets its number later. One thread.
 */
final class ProcFiles implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(ProcFiles.class);

    /** The unit of times in /proc/PID/stat: USER_HZ, which is 100 on every machine we run on. */
    private static final long TICKS_PER_SECOND = 100;

    private static final long MICROS_PER_TICK = 1_000_000 / TICKS_PER_SECOND;
    private static final long MILLIS_PER_TICK = 1_000 / TICKS_PER_SECOND;

    private static final long KIB = 1024;
    private static final long PAGE_BYTES = KeptFile.pageBytes();

    /** What rusage counts blocks in. */
    private static final long BLOCK_BYTES = 512;

    /** What one look gave. */
    record Use(
            Sample.ResourceUse use,
            Sample.Memory memory,
            long residentBytes,
            Reading.Storage storage,
            Optional<Reading.Group> group) {}

    private final long pid;
    private final int stat;
    private final int statm;
    private final int status;

    /** Empty where we may not know: another user's. */
    private Optional<GuardedFigures> guarded;

    private ProcText.@Nullable Statm lastPages;
    private ProcText.@Nullable Status lastStatus;
    private ProcText.@Nullable Io lastIo;
    private Optional<List<Sample.Counter>> toldKvm = Optional.empty();
    private Optional<Reading.Group> lastGroup = Optional.empty();
    private Optional<GroupFiles> group = Optional.empty();
    private long startTicks;
    private Sample.Time start = Sample.Time.ZERO;

    private ProcFiles(long pid, int folder) throws IOException {
        this.pid = pid;
        var open = new int[] {-1, -1, -1};
        try {
            open[0] = KeptFile.open(folder, "stat");
            open[1] = KeptFile.open(folder, "statm");
            open[2] = KeptFile.open(folder, "status");
        } catch (Errno e) {
            for (int fd : open) {
                closeQuietly(fd);
            }
            throw e;
        }
        stat = open[0];
        statm = open[1];
        status = open[2];
        guarded = GuardedFigures.open(pid, folder);
    }

    /**
     * @param systemStart what times are counted from
     * @param mountinfo where control groups are mounted
     */
    static ProcFiles open(
            long pid, KeptFile reader, byte[] content, Instant systemStart, String mountinfo)
            throws IOException {
        int folder = KeptFile.folder("/proc/" + pid);
        ProcFiles files;
        try {
            files = new ProcFiles(pid, folder);
            files.group = GroupFiles.open(mountinfo, text(folder, "cgroup", reader, content));
        } finally {
            Libc.close(folder);
        }
        int length = reader.read(files.stat, 0, content);
        ProcText.Stat now = length <= 0 ? null : ProcText.stat(content, length);
        if (now == null || now.ended()) {
            files.close();
            throw new IOException("process " + pid + " has ended");
        }
        files.startTicks = now.start();
        Instant started = systemStart.plusMillis(files.startMillis());
        files.start = new Sample.Time(started.getEpochSecond(), started.getNano() / 1000);
        return files;
    }

    private static String text(int folder, String name, KeptFile reader, byte[] content)
            throws IOException {
        int fd = KeptFile.open(folder, name);
        try {
            int length = Math.max(0, reader.read(fd, 0, content));
            return new String(content, 0, length, StandardCharsets.UTF_8);
        } finally {
            Libc.close(fd);
        }
    }

    /** Since the system started. */
    long startMillis() {
        return startTicks * MILLIS_PER_TICK;
    }

    long pid() {
        return pid;
    }

    /** True if only somebody else may read its bytes and KVM's counters. */
    boolean isGuarded() {
        return guarded.isEmpty();
    }

    /** Takes what somebody else has read; of another process it is not. */
    void told(FiguresResponse.Process figures) {
        if (figures.startTicks() != startTicks) {
            return;
        }
        lastIo =
                new ProcText.Io(
                        figures.inBytes(),
                        figures.outBytes(),
                        figures.readBytes(),
                        figures.writtenBytes());
        var counters = new ArrayList<Sample.Counter>(figures.kvm().size());
        figures.kvm().forEach((key, value) -> counters.add(new Sample.Counter(key, value)));
        toldKvm = counters.isEmpty() ? Optional.empty() : Optional.of(counters);
    }

    /**
     * Looks once; null where the process has ended, or ends while we look.
     *
     * @param thorough also reads what costs more, else it stays as it was last seen
     */
    @Nullable Use read(KeptFile reader, byte[] content, boolean thorough) {
        int length = reader.read(stat, 0, content);
        ProcText.Stat now = length <= 0 ? null : ProcText.stat(content, length);
        if (now == null || now.ended()) {
            return null;
        }
        if (thorough || lastPages == null || lastStatus == null) {
            length = reader.read(statm, 0, content);
            lastPages = length <= 0 ? null : ProcText.statm(content, length);
            length = reader.read(status, 0, content);
            lastStatus = length <= 0 ? null : ProcText.status(content, length);
            if (guarded.isPresent()) {
                lastIo = guarded.get().io(reader, content);
                if (lastIo == null) {
                    // It has become another user, and from now on somebody else is asked.
                    closeGuarded();
                }
            }
            lastGroup = group.map(files -> files.read(reader, content));
        }
        ProcText.Statm pages = lastPages;
        ProcText.Status more = lastStatus;
        if (pages == null || more == null) {
            return null;
        }
        ProcText.Io bytes = lastIo;
        long resident = thorough ? more.residentKib() * KIB : now.rss() * PAGE_BYTES;
        return new Use(
                use(now, more, Math.max(more.peakKib(), resident / KIB), bytes),
                memory(now, pages),
                resident,
                storage(bytes),
                lastGroup);
    }

    private static Sample.ResourceUse use(
            ProcText.Stat stat, ProcText.Status status, long peakKib, ProcText.@Nullable Io io) {
        return new Sample.ResourceUse(
                time(stat.utime()),
                time(stat.stime()),
                peakKib,
                0,
                0,
                0,
                stat.minflt(),
                stat.majflt(),
                0,
                io == null ? 0 : io.read() / BLOCK_BYTES,
                io == null ? 0 : io.written() / BLOCK_BYTES,
                0,
                0,
                0,
                status.voluntary(),
                status.involuntary());
    }

    private static Sample.Time time(long ticks) {
        return new Sample.Time(
                ticks / TICKS_PER_SECOND, (ticks % TICKS_PER_SECOND) * MICROS_PER_TICK);
    }

    private Sample.Memory memory(ProcText.Stat stat, ProcText.Statm pages) {
        long runtime = (stat.utime() + stat.stime()) * MICROS_PER_TICK;
        return new Sample.Memory(
                stat.vsize(),
                stat.rss(),
                pages.text(),
                pages.data(),
                pages.data(),
                runtime,
                0,
                start);
    }

    private static Reading.Storage storage(ProcText.@Nullable Io io) {
        return io == null
                ? Reading.Storage.NONE
                : new Reading.Storage(io.read(), io.written(), io.readCalls(), io.writeCalls());
    }

    /** KVM's counters, where the tender has descriptors of them and somebody may read them. */
    Optional<List<Sample.Counter>> kvm(KeptFile reader, byte[] content) {
        try {
            if (guarded.isPresent() && guarded.get().hasCounters(reader, content)) {
                var counters = new ArrayList<Sample.Counter>();
                guarded.get()
                        .counters(
                                reader,
                                content,
                                (key, value) -> counters.add(new Sample.Counter(key, value)));
                return Optional.of(counters);
            }
        } catch (IOException e) {
            LOG.debug("no KVM figures of process {}: {}", pid, e.getMessage());
        }
        return toldKvm;
    }

    static void closeQuietly(int fd) {
        if (fd >= 0) {
            try {
                Libc.close(fd);
            } catch (Errno e) {
                LOG.debug("{}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closeQuietly(stat);
        closeQuietly(statm);
        closeQuietly(status);
        group.ifPresent(GroupFiles::close);
        closeGuarded();
    }

    private void closeGuarded() {
        try {
            if (guarded.isPresent()) {
                guarded.get().close();
            }
        } catch (IOException e) {
            LOG.debug("{}", e.getMessage());
        }
        guarded = Optional.empty();
    }
}
