package vmm.stats.linux;

import java.io.File;
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
import vmm.os.KeptFile;
import vmm.os.Libc;
import vmm.os.PidFd;
import vmm.stats.core.Reading;

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
    private static final long PAGE_BYTES = KeptFile.PAGE_BYTES;

    /** What rusage counts blocks in. */
    private static final long BLOCK_BYTES = 512;

    /** A tender opens its KVM descriptors soon after it started: so often they are looked for. */
    private static final int KVM_SEARCHES_MAX = 6;

    private static final int KVM_DESCRIPTORS_MAX = 65;
    private static final String KVM_VM = "anon_inode:kvm-vm-stats";
    private static final String KVM_VCPU = "anon_inode:kvm-vcpu-stats:";

    /** What one look gave. */
    record Use(
            Sample.ResourceUse use,
            Sample.Memory memory,
            long residentBytes,
            Reading.Storage storage,
            Optional<Reading.Group> group) {}

    private record KvmFile(int fd, KvmStats stats) {}

    private final long pid;
    private final int stat;
    private final int statm;
    private final int status;

    /** Negative where we may not know: another user's. */
    private final int io;

    private final List<KvmFile> kvm = new ArrayList<>();
    private int kvmSearches;
    private ProcText.@Nullable Statm lastPages;
    private ProcText.@Nullable Status lastStatus;
    private ProcText.@Nullable Io lastIo;
    private Optional<Reading.Group> lastGroup = Optional.empty();
    private Optional<GroupFiles> group = Optional.empty();
    private long startMillis;
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
        io = openIo(folder);
    }

    private static int openIo(int folder) {
        try {
            return KeptFile.open(folder, "io");
        } catch (Errno e) {
            LOG.debug("no block figures: {}", e.getMessage());
            return -1;
        }
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
        files.startMillis = now.start() * MILLIS_PER_TICK;
        Instant started = systemStart.plusMillis(files.startMillis);
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
        return startMillis;
    }

    boolean isAlive(KeptFile reader, byte[] content) {
        int length = reader.read(stat, 0, content);
        ProcText.Stat now = length <= 0 ? null : ProcText.stat(content, length);
        return now != null && !now.ended();
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
            length = io < 0 ? -1 : reader.read(io, 0, content);
            lastIo = length <= 0 ? null : ProcText.io(content, length);
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

    /** KVM's counters, where the tender has descriptors of them and we may copy them. */
    Optional<List<Sample.Counter>> kvm(KeptFile reader, byte[] content) {
        if (kvm.isEmpty() && kvmSearches < KVM_SEARCHES_MAX) {
            kvmSearches++;
            findKvm(reader, content);
        }
        if (kvm.isEmpty()) {
            return Optional.empty();
        }
        var counters = new ArrayList<Sample.Counter>();
        for (KvmFile file : kvm) {
            int length = reader.read(file.fd(), file.stats().offset(), content);
            file.stats().read(content, Math.clamp(length, 0, file.stats().bytes()), counters);
        }
        return Optional.of(counters);
    }

    private void findKvm(KeptFile reader, byte[] content) {
        try {
            int pidfd = PidFd.open(pid);
            int folder = -1;
            try {
                // Only now is it sure that the folder is of the process that we hold.
                folder = KeptFile.folder("/proc/" + pid + "/fd");
                if (isAlive(reader, content)) {
                    copyKvm(pidfd, folder, reader, content);
                }
            } finally {
                closeQuietly(folder);
                closeQuietly(pidfd);
            }
        } catch (IOException e) {
            LOG.debug("no KVM figures of process {}: {}", pid, e.getMessage());
        }
    }

    private void copyKvm(int pidfd, int folder, KeptFile reader, byte[] content)
            throws IOException {
        String[] entries = new File("/proc/" + pid + "/fd").list();
        for (String number : entries == null ? new String[0] : entries) {
            String target = reader.link(folder, number);
            boolean vm = target.equals(KVM_VM);
            if ((vm || target.startsWith(KVM_VCPU)) && kvm.size() < KVM_DESCRIPTORS_MAX) {
                String prefix = vm ? "vm" : "vcpu" + target.substring(KVM_VCPU.length());
                copy(pidfd, Integer.parseInt(number), prefix, reader, content);
            }
        }
    }

    private void copy(int pidfd, int fd, String prefix, KeptFile reader, byte[] content)
            throws IOException {
        int copy = PidFd.copyOf(pidfd, fd);
        int length = reader.read(copy, 0, content);
        Optional<KvmStats> stats =
                length <= 0 ? Optional.empty() : KvmStats.parse(prefix, content, length);
        if (stats.isPresent()) {
            kvm.add(new KvmFile(copy, stats.get()));
        } else {
            closeQuietly(copy);
        }
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
        closeQuietly(io);
        kvm.forEach(file -> closeQuietly(file.fd()));
        group.ifPresent(GroupFiles::close);
    }
}
