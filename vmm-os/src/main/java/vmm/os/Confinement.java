package vmm.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a child is kept from. Most of it belongs to threads and is inherited: the thread that starts
 * the child takes it on and ends with it.
 *
 * @param mounts where its files are; the host's if empty
 * @param user whom it runs as; this process's user if empty
 * @param capabilities empty keeps what the user has
 * @param land what it may do with the files it sees; all that its user may if empty
 * @param noNewPrivileges also set by any filter and by {@code land}
 * @param nice added to this process's, 0 to 19
 * @param oomScore -1 keeps this process's; 1000 is the first to be killed
 * @param fileBytes what no file may grow beyond, its output among them; -1 is no such limit
 */
public record Confinement(
        Optional<Mounts> mounts,
        Optional<User> user,
        Optional<Capabilities> capabilities,
        Optional<Landlock> land,
        List<Seccomp> filters,
        boolean noNewPrivileges,
        int nice,
        int oomScore,
        long fileBytes) {
    public static final Confinement NONE =
            new Confinement(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    false,
                    0,
                    -1,
                    -1);

    private static final int RLIMIT_FSIZE = 1;
    private static final long SET_LIMIT = Native.function("prlimit");
    private static final long SET_PRIORITY = Native.function("setpriority");

    /** A user and a group, and no further groups. */
    public record User(long uid, long gid) {}

    public Confinement {
        filters = List.copyOf(filters);
    }

    /** The same in a mount namespace. */
    public Confinement within(Optional<Mounts> namespace) {
        return new Confinement(
                namespace,
                user,
                capabilities,
                land,
                filters,
                noNewPrivileges,
                nice,
                oomScore,
                fileBytes);
    }

    /** Takes this on for the calling thread, which can never put it off. */
    void apply() throws IOException {
        if (nice != 0) {
            Libc.check(Native.call(SET_PRIORITY, 0, 0, nice), "cannot be nice");
        }
        if (capabilities.isPresent()) {
            capabilities.get().limitBounding(user.isPresent());
        }
        if (mounts.isPresent()) {
            load();
            mounts.get().enter();
        }
        if (user.isPresent()) {
            become(user.get());
        }
        if (capabilities.isPresent()) {
            capabilities.get().apply();
        }
        if (noNewPrivileges || land.isPresent()) {
            Seccomp.noNewPrivileges();
        }
        if (land.isPresent()) {
            land.get().apply();
        }
        for (Seccomp filter : filters) {
            filter.apply();
        }
    }

    /** In another root no class can be loaded any more. */
    private void load() {
        Loaded.now();
        filters.forEach(Seccomp::ready);
    }

    /** What any confinement needs, loaded once. */
    private static final class Loaded {
        static {
            Machine.current();
            Landlock.knownVersion();
            new Errno("loaded", 0).number();
        }

        private Loaded() {}

        static void now() {}
    }

    /** By system call: the C library would change all threads. */
    private static void become(User to) throws Errno {
        Machine machine = Machine.current();
        Libc.systemCall("cannot drop the groups", machine.setgroups(), 0, 0, 0, 0);
        Libc.systemCall(
                "cannot become group " + to.gid(),
                machine.setresgid(),
                to.gid(),
                to.gid(),
                to.gid(),
                0);
        Libc.systemCall(
                "cannot become user " + to.uid(),
                machine.setresuid(),
                to.uid(),
                to.uid(),
                to.uid(),
                0);
    }

    /**
     * Limits the files of a child, by the thread that started it: it is the same user. Another may
     * limit nobody without a capability that containers lack.
     */
    void limitFiles(int pid) throws Errno {
        if (fileBytes < 0) {
            return;
        }
        try (Memory memory = Memory.open()) {
            long both = memory.zeroed(2 * Long.BYTES);
            memory.setLong(both, fileBytes);
            memory.setLong(both + Long.BYTES, fileBytes);
            Libc.check(
                    Native.call(SET_LIMIT, pid, RLIMIT_FSIZE, both, 0),
                    "cannot limit the files of ",
                    pid);
        }
    }

    /** What belongs to processes and not to threads, for a child that has just begun. */
    void applyTo(int pid) throws IOException {
        if (oomScore >= 0) {
            KernelFile.write(
                    Path.of("/proc/" + pid + "/oom_score_adj"), Integer.toString(oomScore));
        }
    }
}
