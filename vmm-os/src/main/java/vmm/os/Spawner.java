package vmm.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts children with posix_spawn. A child has the descriptors 0, 1, 2 and, if wanted, 3 and no
 * other, every signal at its default, and a process group of its own.
 *
 * <p>Affinity, control groups and privileges belong to a thread and are inherited, so each child is
 * started by a platform thread of its own, which takes on the child's and ends. Any thread may
 * call.
 */
public final class Spawner {
    private static final int CPUS_MAX = 1024;
    private static final int SIGSET_BYTES = 128;
    private static final int FILE_ACTIONS_BYTES = 80;
    private static final int ATTRIBUTES_BYTES = 336;

    /** All that a call takes beside texts, with room to align each. */
    private static final int STRUCTURES_BYTES = 1024;

    private static final short SETPGROUP = 0x02;
    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;

    private static final long SPAWN = Native.function("posix_spawn");
    private static final long ACTIONS_INIT = Native.function("posix_spawn_file_actions_init");
    private static final long ACTIONS_DESTROY = Native.function("posix_spawn_file_actions_destroy");
    private static final long ADD_DUP2 = Native.function("posix_spawn_file_actions_adddup2");
    private static final long ADD_CLOSEFROM =
            Native.function("posix_spawn_file_actions_addclosefrom_np");
    private static final long ADD_CHDIR = Native.function("posix_spawn_file_actions_addchdir_np");
    private static final long ATTRIBUTES_INIT = Native.function("posix_spawnattr_init");
    private static final long ATTRIBUTES_DESTROY = Native.function("posix_spawnattr_destroy");
    private static final long SET_FLAGS = Native.function("posix_spawnattr_setflags");
    private static final long SET_MASK = Native.function("posix_spawnattr_setsigmask");
    private static final long SET_DEFAULT = Native.function("posix_spawnattr_setsigdefault");
    private static final long SET_GROUP = Native.function("posix_spawnattr_setpgroup");
    private static final long WAITPID = Native.function("waitpid");
    private static final long SET_AFFINITY = Native.function("sched_setaffinity");

    /**
     * A child to be.
     *
     * @param arguments without the program's own name
     * @param output what its stdout and stderr are; /dev/null if empty
     * @param messages what its descriptor 3 is; closed if empty
     * @param cpus where it may run; everywhere if empty
     * @param cgroup where it is counted and limited; with this process if empty
     */
    public record Child(
            String path,
            List<String> arguments,
            Map<String, String> environment,
            Optional<String> folder,
            Optional<String> output,
            Optional<String> messages,
            List<Long> cpus,
            Optional<Cgroup> cgroup,
            Confinement confinement) {
        public Child {
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
            cpus = List.copyOf(cpus);
        }
    }

    /** Argv and envp, made before the thread is where no class can be loaded. */
    private record Words(List<byte[]> arguments, List<byte[]> environment) {
        static Words of(Child child) {
            var arguments = new ArrayList<byte[]>();
            arguments.add(bytes(child.path()));
            child.arguments().forEach(a -> arguments.add(bytes(a)));
            var environment = new ArrayList<byte[]>();
            child.environment().forEach((k, v) -> environment.add(bytes(k + "=" + v)));
            return new Words(arguments, environment);
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private Spawner() {}

    /**
     * Returns the pid of a child that has begun to run its program.
     *
     * @throws Errno if it cannot be started
     */
    public static int spawn(Child child) throws IOException, InterruptedException {
        var words = Words.of(child);
        var streams = new Streams(child);
        try {
            int pid = OneThread.run("spawner", () -> spawnHere(child, words, streams));
            settle(child, pid);
            return pid;
        } finally {
            streams.close();
        }
    }

    /** What a child's descriptors will be copies of. */
    private static final class Streams {
        private final List<Integer> open = new ArrayList<>();

        Streams(Child child) throws Errno {
            boolean ok = false;
            try {
                open.add(Libc.open("/dev/null", Libc.O_RDWR, 0));
                open.add(forWriting(child.output().orElse("/dev/null")));
                if (child.messages().isPresent()) {
                    open.add(forWriting(child.messages().get()));
                }
                ok = true;
            } finally {
                if (!ok) {
                    close();
                }
            }
        }

        private static int forWriting(String path) throws Errno {
            return Libc.open(path, Libc.O_WRONLY | Libc.O_APPEND, 0);
        }

        void describe(long actions) throws Errno {
            must(Native.call(ADD_DUP2, actions, open.get(0), 0));
            must(Native.call(ADD_DUP2, actions, open.get(1), 1));
            must(Native.call(ADD_DUP2, actions, 1, 2));
            if (open.size() > 2) {
                must(Native.call(ADD_DUP2, actions, open.get(2), 3));
            }
            must(Native.call(ADD_CLOSEFROM, actions, open.size() > 2 ? 4 : 3));
        }

        void close() throws Errno {
            for (int fd : open) {
                Libc.close(fd);
            }
        }
    }

    private static int spawnHere(Child child, Words words, Streams streams) throws IOException {
        if (child.cgroup().isEmpty()) {
            prepare(child);
            return spawnAnywhere(child, words, streams);
        }
        var door = new Door(child.cgroup().get());
        try {
            prepare(child);
            door.enter();
            return spawnAnywhere(child, words, streams);
        } finally {
            door.leave();
            door.close();
        }
    }

    private static void prepare(Child child) throws IOException {
        if (!child.cpus().isEmpty()) {
            stayOn(child.cpus());
        }
        child.confinement().apply();
    }

    /** What a thread cannot hand down, or may no longer do after it took on the child's user. */
    private static void settle(Child child, int pid) throws IOException {
        try {
            if (child.cgroup().isPresent()) {
                child.cgroup().get().enter(pid);
            }
            child.confinement().applyTo(pid);
        } catch (IOException e) {
            if (isGone(pid)) {
                return;
            }
            end(pid);
            throw e;
        }
    }

    /** A child that nobody will be told of: nothing of it stays. */
    private static void end(int pid) throws Errno {
        Libc.kill(pid, Libc.SIGKILL);
        Libc.check(Native.call(WAITPID, pid, 0, 0), "cannot reap ", pid);
    }

    /** It ended before it could be settled: the reaper tells how. */
    private static boolean isGone(int pid) {
        try {
            String stat = KernelFile.read(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException gone) {
            return true;
        }
    }

    private static void stayOn(List<Long> cpus) throws Errno {
        try (Memory memory = Memory.open()) {
            long wanted = memory.zeroed(CPUS_MAX / 8);
            for (long cpu : cpus) {
                if (cpu < 0 || cpu >= CPUS_MAX) {
                    throw new Errno("cannot run on CPU " + cpu, Errno.EINVAL);
                }
                long at = wanted + ((cpu / 64) * 8);
                memory.setLong(at, memory.longAt(at) | (1L << (cpu % 64)));
            }
            Libc.check(
                    Native.call(SET_AFFINITY, 0, CPUS_MAX / 8, wanted),
                    "cannot run on CPUs ",
                    cpus);
        }
    }

    private static int spawnAnywhere(Child child, Words words, Streams streams) throws Errno {
        long most = STRUCTURES_BYTES + Memory.mostBytes(child.path());
        most += Memory.mostBytes(child.folder().orElse(""));
        most += Memory.vectorBytes(words.arguments()) + Memory.vectorBytes(words.environment());
        try (Memory memory = Memory.open(most)) {
            long actions = memory.zeroed(FILE_ACTIONS_BYTES);
            long attributes = memory.zeroed(ATTRIBUTES_BYTES);
            must(Native.call(ACTIONS_INIT, actions));
            must(Native.call(ATTRIBUTES_INIT, attributes));
            try {
                describe(memory, child, streams, actions, attributes);
                long pid = memory.zeroed(Integer.BYTES);
                long argv = memory.vector(words.arguments());
                long env = memory.vector(words.environment());
                int error =
                        Native.call(
                                SPAWN,
                                pid,
                                memory.text(child.path()),
                                actions,
                                attributes,
                                argv,
                                env);
                if (error != 0) {
                    throw new Errno("cannot start " + told(child), error);
                }
                limit(child, memory.intAt(pid));
                return memory.intAt(pid);
            } finally {
                must(Native.call(ACTIONS_DESTROY, actions));
                must(Native.call(ATTRIBUTES_DESTROY, attributes));
            }
        }
    }

    private static void limit(Child child, int pid) throws Errno {
        try {
            child.confinement().limitFiles(pid);
        } catch (Errno e) {
            end(pid);
            throw e;
        }
    }

    private static String told(Child child) {
        return child.folder().map(f -> child.path() + " in folder " + f).orElse(child.path());
    }

    private static void describe(
            Memory memory, Child child, Streams streams, long actions, long attributes)
            throws Errno {
        streams.describe(actions);
        if (child.folder().isPresent()) {
            must(Native.call(ADD_CHDIR, actions, memory.text(child.folder().get())));
        }
        long none = memory.zeroed(SIGSET_BYTES);
        long all = memory.zeroed(SIGSET_BYTES);
        for (int i = 0; i < SIGSET_BYTES; i += Long.BYTES) {
            memory.setLong(all + i, -1);
        }
        must(Native.call(SET_MASK, attributes, none));
        must(Native.call(SET_DEFAULT, attributes, all));
        must(Native.call(SET_GROUP, attributes, 0));
        must(Native.call(SET_FLAGS, attributes, SETPGROUP | SETSIGDEF | SETSIGMASK));
    }

    private static void must(int error) throws Errno {
        if (error != 0) {
            throw new Errno("posix_spawn", error);
        }
    }
}
