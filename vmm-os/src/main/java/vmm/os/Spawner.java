package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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
    private static final short SETPGROUP = 0x02;
    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;

    private static final MethodHandle SPAWN =
            Libc.plain("posix_spawn", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle ACTIONS_INIT =
            Libc.plain("posix_spawn_file_actions_init", ADDRESS);
    private static final MethodHandle ACTIONS_DESTROY =
            Libc.plain("posix_spawn_file_actions_destroy", ADDRESS);
    private static final MethodHandle ADD_DUP2 =
            Libc.plain("posix_spawn_file_actions_adddup2", ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle ADD_CLOSEFROM =
            Libc.plain("posix_spawn_file_actions_addclosefrom_np", ADDRESS, JAVA_INT);
    private static final MethodHandle ADD_CHDIR =
            Libc.plain("posix_spawn_file_actions_addchdir_np", ADDRESS, ADDRESS);
    private static final MethodHandle ATTRIBUTES_INIT = Libc.plain("posix_spawnattr_init", ADDRESS);
    private static final MethodHandle ATTRIBUTES_DESTROY =
            Libc.plain("posix_spawnattr_destroy", ADDRESS);
    private static final MethodHandle SET_FLAGS =
            Libc.plain("posix_spawnattr_setflags", ADDRESS, JAVA_SHORT);
    private static final MethodHandle SET_MASK =
            Libc.plain("posix_spawnattr_setsigmask", ADDRESS, ADDRESS);
    private static final MethodHandle SET_DEFAULT =
            Libc.plain("posix_spawnattr_setsigdefault", ADDRESS, ADDRESS);
    private static final MethodHandle SET_GROUP =
            Libc.plain("posix_spawnattr_setpgroup", ADDRESS, JAVA_INT);
    private static final MethodHandle SET_AFFINITY =
            Libc.errno("sched_setaffinity", -1, JAVA_INT, JAVA_LONG, ADDRESS);

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

    private Spawner() {}

    /**
     * Returns the pid of a child that has begun to run its program.
     *
     * @throws Errno if it cannot be started
     */
    public static int spawn(Child child) throws IOException, InterruptedException {
        var streams = new Streams(child);
        try {
            int pid = OneThread.run("spawner", () -> spawnHere(child, streams));
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

        void describe(MemorySegment actions) throws Errno {
            int input = open.get(0);
            int output = open.get(1);
            must(() -> (int) ADD_DUP2.invokeExact(actions, input, 0));
            must(() -> (int) ADD_DUP2.invokeExact(actions, output, 1));
            must(() -> (int) ADD_DUP2.invokeExact(actions, 1, 2));
            if (open.size() > 2) {
                int messages = open.get(2);
                must(() -> (int) ADD_DUP2.invokeExact(actions, messages, 3));
            }
            int rest = open.size() > 2 ? 4 : 3;
            must(() -> (int) ADD_CLOSEFROM.invokeExact(actions, rest));
        }

        void close() throws Errno {
            for (int fd : open) {
                Libc.close(fd);
            }
        }
    }

    private static int spawnHere(Child child, Streams streams) throws IOException {
        if (child.cgroup().isEmpty()) {
            prepare(child);
            return spawnAnywhere(child, streams);
        }
        var door = new Door(child.cgroup().get());
        try {
            prepare(child);
            door.enter();
            return spawnAnywhere(child, streams);
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
            Libc.kill(pid, Libc.SIGKILL);
            throw e;
        }
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment wanted = arena.allocate(CPUS_MAX / 8, 8);
            for (long cpu : cpus) {
                if (cpu < 0 || cpu >= CPUS_MAX) {
                    throw new Errno("cannot run on CPU " + cpu, Errno.EINVAL);
                }
                long at = (cpu / 64) * 8;
                wanted.set(JAVA_LONG, at, wanted.get(JAVA_LONG, at) | (1L << (cpu % 64)));
            }
            Libc.check(
                    "cannot run on CPUs " + cpus,
                    s -> (int) SET_AFFINITY.invokeExact(s, 0, wanted.byteSize(), wanted));
        }
    }

    private static int spawnAnywhere(Child child, Streams streams) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(FILE_ACTIONS_BYTES, 8);
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 8);
            must(() -> (int) ACTIONS_INIT.invokeExact(actions));
            must(() -> (int) ATTRIBUTES_INIT.invokeExact(attributes));
            try {
                describe(arena, child, streams, actions, attributes);
                MemorySegment pid = arena.allocate(JAVA_INT);
                var argv = new ArrayList<String>();
                argv.add(child.path());
                argv.addAll(child.arguments());
                var env = new ArrayList<String>();
                child.environment().forEach((k, v) -> env.add(k + "=" + v));
                MemorySegment path = arena.allocateFrom(child.path());
                MemorySegment arguments = vector(arena, argv);
                MemorySegment environment = vector(arena, env);
                int error =
                        (int)
                                Libc.run(
                                        () ->
                                                (int)
                                                        SPAWN.invokeExact(
                                                                pid,
                                                                path,
                                                                actions,
                                                                attributes,
                                                                arguments,
                                                                environment));
                if (error != 0) {
                    throw new Errno("cannot start " + child.path(), error);
                }
                return pid.get(JAVA_INT, 0);
            } finally {
                must(() -> (int) ACTIONS_DESTROY.invokeExact(actions));
                must(() -> (int) ATTRIBUTES_DESTROY.invokeExact(attributes));
            }
        }
    }

    private static void describe(
            Arena arena,
            Child child,
            Streams streams,
            MemorySegment actions,
            MemorySegment attributes)
            throws Errno {
        streams.describe(actions);
        if (child.folder().isPresent()) {
            MemorySegment folder = arena.allocateFrom(child.folder().get());
            must(() -> (int) ADD_CHDIR.invokeExact(actions, folder));
        }
        MemorySegment none = arena.allocate(SIGSET_BYTES, 8);
        MemorySegment all = arena.allocate(SIGSET_BYTES, 8).fill((byte) 0xff);
        must(() -> (int) SET_MASK.invokeExact(attributes, none));
        must(() -> (int) SET_DEFAULT.invokeExact(attributes, all));
        must(() -> (int) SET_GROUP.invokeExact(attributes, 0));
        short flags = SETPGROUP | SETSIGDEF | SETSIGMASK;
        must(() -> (int) SET_FLAGS.invokeExact(attributes, flags));
    }

    private static void must(Libc.Native<Throwable> call) throws Errno {
        int error = (int) Libc.run(call);
        if (error != 0) {
            throw new Errno("posix_spawn", error);
        }
    }

    private static MemorySegment vector(Arena arena, List<String> texts) {
        MemorySegment vector = arena.allocate(ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            vector.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
        }
        vector.setAtIndex(ADDRESS, texts.size(), MemorySegment.NULL);
        return vector;
    }
}
