package vmm.os;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel tells of a process only to its own user and to who may trace it: the bytes it
 * read and wrote, and KVM's counters where the tender keeps descriptors of them. All is read on
 * descriptors that never mean another process that gets the number later. One thread.
 */
public final class GuardedFigures implements AutoCloseable {
    /** More than any of the files that are read here. */
    public static final int FILE_BYTES_MAX = KvmStats.BYTES_MAX;

    /** A tender opens its KVM descriptors soon after it started: so often they are looked for. */
    private static final int KVM_SEARCHES_MAX = 6;

    /** A machine and its processors, of which Solo5 has one. */
    private static final int KVM_DESCRIPTORS_MAX = 4;

    private static final String KVM_VM = "anon_inode:kvm-vm-stats";
    private static final String KVM_VCPU = "anon_inode:kvm-vcpu-stats:";

    /** Takes KVM's counters, one after another. */
    @FunctionalInterface
    public interface Counters {
        /**
         * @param key as {@code vm.remote_tlb_flush} or {@code vcpu0.exits}
         */
        void add(String key, long value);
    }

    private record KvmFile(int fd, KvmStats stats) {}

    private final long pid;
    private final int io;
    private final List<KvmFile> kvm = new ArrayList<>();
    private int kvmSearches;

    private GuardedFigures(long pid, int io) {
        this.pid = pid;
        this.io = io;
    }

    /**
     * Empty where the process is not ours to look into, or gone.
     *
     * @param folder a descriptor of its folder in /proc
     */
    public static Optional<GuardedFigures> open(long pid, int folder) {
        try {
            return Optional.of(new GuardedFigures(pid, KeptFile.open(folder, "io")));
        } catch (Errno notOurs) {
            return Optional.empty();
        }
    }

    /** Null where the process is gone. */
    public ProcText.@Nullable Io io(KeptFile reader, byte[] content) {
        int length = reader.read(io, 0, content);
        return length <= 0 ? null : ProcText.io(content, length);
    }

    /** Whether the tender has descriptors of KVM's counters, as far as was looked for yet. */
    public boolean hasCounters(KeptFile reader, byte[] content) throws IOException {
        if (kvm.isEmpty() && kvmSearches < KVM_SEARCHES_MAX) {
            kvmSearches++;
            findKvm(reader, content);
        }
        return !kvm.isEmpty();
    }

    /** Hands on KVM's counters, those that {@link #hasCounters} found. */
    public void counters(KeptFile reader, byte[] content, Counters counters) {
        for (KvmFile file : kvm) {
            int length = reader.read(file.fd(), file.stats().offset(), content);
            file.stats().read(content, Math.clamp(length, 0, file.stats().bytes()), counters);
        }
    }

    private void findKvm(KeptFile reader, byte[] content) throws IOException {
        int pidfd = PidFd.open(pid);
        int folder = -1;
        try {
            folder = KeptFile.folder("/proc/" + pid + "/fd");
            // Only now is it sure that both are of the process that we hold.
            if (io(reader, content) != null) {
                copyKvm(pidfd, folder, reader, content);
            }
        } finally {
            Libc.close(pidfd);
            if (folder >= 0) {
                Libc.close(folder);
            }
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
            Libc.close(copy);
        }
    }

    @Override
    public void close() throws IOException {
        Libc.close(io);
        for (KvmFile file : kvm) {
            Libc.close(file.fd());
        }
    }
}
