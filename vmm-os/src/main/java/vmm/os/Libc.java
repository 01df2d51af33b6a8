package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The C library's calls that Java lacks. Each returns what C returns; a negative result is thrown
 * as {@link Errno} where the method says so. Any thread, but what blocks wants a platform thread.
 */
@SuppressWarnings("restricted")
public final class Libc {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_TRUNC = 0x200;
    public static final int O_DIRECTORY = 0x10000;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** Where calls leave their errno: as many as there ever were calls at the same time. */
    private static final Queue<MemorySegment> STATES = new ConcurrentLinkedQueue<>();

    /** What paths start from that name no folder; FreeBSD has the same number. */
    private static final int AT_FDCWD = -100;

    private static final MethodHandle OPENAT =
            errno("openat", 3, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = errno("close", -1, JAVA_INT);
    private static final MethodHandle WRITE = errno("write", -1, JAVA_INT, ADDRESS, JAVA_LONG);

    private static final MethodHandle STRERROR =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("strerror"),
                    FunctionDescriptor.of(ADDRESS, JAVA_INT));

    /**
     * Linked when first used: each shape of a call costs a start some milliseconds. They are loaded
     * with this class: later there may be no descriptor left, or a sandbox around us.
     */
    static final List<Class<?>> LATE =
            List.of(Nodes.class, Interfaces.class, Devices.class, Kernel.class);

    private static final class Nodes {
        private static final MethodHandle MKFIFO = errno("mkfifo", -1, ADDRESS, JAVA_INT);
        private static final MethodHandle CHMOD = errno("chmod", -1, ADDRESS, JAVA_INT);
        private static final MethodHandle CHOWN = errno("chown", -1, ADDRESS, JAVA_INT, JAVA_INT);
    }

    private static final class Interfaces {
        private static final MethodHandle SOCKET =
                errno("socket", -1, JAVA_INT, JAVA_INT, JAVA_INT);
        private static final MethodHandle NAMETOINDEX = errno("if_nametoindex", -1, ADDRESS);
    }

    private static final class Devices {
        private static final MethodHandle IOCTL = errno("ioctl", 2, JAVA_INT, JAVA_LONG, ADDRESS);
        private static final MethodHandle IOCTL_VALUE =
                errno("ioctl", 2, JAVA_INT, JAVA_LONG, JAVA_LONG);
    }

    private static final class Kernel {
        private static final MethodHandle KILL = errno("kill", -1, JAVA_INT, JAVA_INT);
        private static final MethodHandle SYSCALL =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("syscall"),
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                                JAVA_LONG),
                        Linker.Option.captureCallState("errno"),
                        Linker.Option.firstVariadicArg(1));
        private static final MethodHandle PRCTL =
                errno("prctl", 1, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    }

    private Libc() {}

    /** A native call; method handles declare every Throwable, native code throws none. */
    @FunctionalInterface
    interface Native<X extends Throwable> {
        long call() throws X;
    }

    @FunctionalInterface
    interface WithState<X extends Throwable> {
        long call(MemorySegment state) throws X;
    }

    @SuppressWarnings("unchecked")
    static long run(Native<Throwable> call) {
        return ((Native<RuntimeException>) (Native<?>) call).call();
    }

    @SuppressWarnings("unchecked")
    static long check(String what, WithState<Throwable> call) throws Errno {
        MemorySegment free = STATES.poll();
        MemorySegment state = free == null ? Arena.global().allocate(STATE) : free;
        try {
            long result = ((WithState<RuntimeException>) (WithState<?>) call).call(state);
            if (result < 0) {
                throw new Errno(what, (int) ERRNO.get(state, 0L));
            }
            return result;
        } finally {
            STATES.add(state);
        }
    }

    /** A handle that returns an int and captures errno. */
    static MethodHandle errno(String name, int variadic, MemoryLayout... arguments) {
        Linker.Option[] options =
                variadic < 0
                        ? new Linker.Option[] {Linker.Option.captureCallState("errno")}
                        : new Linker.Option[] {
                            Linker.Option.captureCallState("errno"),
                            Linker.Option.firstVariadicArg(variadic)
                        };
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, arguments),
                options);
    }

    /** A handle whose int result is the error number itself. */
    static MethodHandle plain(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, arguments));
    }

    static String strerror(int number) {
        var text = new MemorySegment[1];
        run(
                () -> {
                    text[0] = (MemorySegment) STRERROR.invokeExact(number);
                    return 0;
                });
        return utf8(text[0]);
    }

    private static String utf8(MemorySegment text) {
        return text.reinterpret(256).getString(0, StandardCharsets.UTF_8);
    }

    /** The descriptor; flags always gain O_CLOEXEC. */
    public static int open(String path, int flags, int mode) throws Errno {
        return openAt(AT_FDCWD, path, flags, mode);
    }

    /** As {@link #open}, of a path that starts in {@code folder}. */
    static int openAt(int folder, String path, int flags, int mode) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return (int)
                    check(
                            "cannot open " + path,
                            s ->
                                    (int)
                                            OPENAT.invokeExact(
                                                    s, folder, name, flags | O_CLOEXEC, mode));
        }
    }

    public static void close(int fd) throws Errno {
        check("cannot close descriptor " + fd, s -> (int) CLOSE.invokeExact(s, fd));
    }

    static void write(int fd, String text) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(text);
            long length = bytes.byteSize() - 1;
            check("cannot write", s -> (int) WRITE.invokeExact(s, fd, bytes, length));
        }
    }

    /**
     * @param pid negative for a process group
     */
    public static void kill(int pid, int signal) throws Errno {
        check("cannot signal " + pid, s -> (int) Kernel.KILL.invokeExact(s, pid, signal));
    }

    /** As {@link #kill}; false if there is nobody to be signalled. */
    public static boolean killIfThere(int pid, int signal) {
        try {
            kill(pid, signal);
            return true;
        } catch (Errno gone) {
            return false;
        }
    }

    public static void mkfifo(String path, int mode) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            check("cannot make fifo " + path, s -> (int) Nodes.MKFIFO.invokeExact(s, name, mode));
        }
    }

    /** Sets the permission bits, whatever the umask is. */
    public static void chmod(String path, int mode) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            check("cannot chmod " + path, s -> (int) Nodes.CHMOD.invokeExact(s, name, mode));
        }
    }

    /**
     * @param uid -1 keeps it
     * @param gid -1 keeps it
     */
    public static void chown(String path, int uid, int gid) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            check("cannot chown " + path, s -> (int) Nodes.CHOWN.invokeExact(s, name, uid, gid));
        }
    }

    /** A datagram socket for ioctls on interfaces. */
    static int inetSocket() throws Errno {
        return (int)
                check(
                        "cannot make a socket",
                        s -> (int) Interfaces.SOCKET.invokeExact(s, 2, 2 | O_CLOEXEC, 0));
    }

    public static int ioctl(String what, int fd, long request, MemorySegment argument)
            throws Errno {
        return (int) check(what, s -> (int) Devices.IOCTL.invokeExact(s, fd, request, argument));
    }

    public static int ioctl(String what, int fd, long request, long argument) throws Errno {
        return (int)
                check(what, s -> (int) Devices.IOCTL_VALUE.invokeExact(s, fd, request, argument));
    }

    /** The index of an interface, or 0 if there is none. */
    static int interfaceIndex(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            MemorySegment state = arena.allocate(STATE);
            return (int) run(() -> (int) Interfaces.NAMETOINDEX.invokeExact(state, text));
        }
    }

    static long syscall(String what, long number, long a, long b, long c, long d) throws Errno {
        return check(what, s -> (long) Kernel.SYSCALL.invokeExact(s, number, a, b, c, d, 0L));
    }

    static void prctl(String what, int option, long a, long b) throws Errno {
        check(what, s -> (int) Kernel.PRCTL.invokeExact(s, option, a, b, 0L, 0L));
    }
}
