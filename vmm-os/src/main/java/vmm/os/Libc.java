package vmm.os;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The C library's calls that Java lacks. Each returns what C returns; a negative result is thrown
 * as {@link Errno} where the method says so. Any thread, but what blocks wants a platform thread.
 */
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

    /** What paths start from that name no folder; FreeBSD has the same number. */
    private static final int AT_FDCWD = -100;

    /** More than any of the C library's. */
    private static final int ERROR_TEXT_BYTES = 256;

    private static final long OPENAT = Native.function("openat");
    private static final long CLOSE = Native.function("close");
    private static final long READ = Native.function("read");
    private static final long WRITE = Native.function("write");
    private static final long MKFIFO = Native.function("mkfifo");
    private static final long CHMOD = Native.function("chmod");
    private static final long CHOWN = Native.function("chown");
    private static final long SOCKET = Native.function("socket");
    private static final long NAMETOINDEX = Native.function("if_nametoindex");
    private static final long IOCTL = Native.function("ioctl");
    private static final long KILL = Native.function("kill");
    private static final long PRCTL = Native.function("prctl");
    private static final long STRERROR = Native.function("strerror");

    private Libc() {}

    /** Hands on what a call gave, unless it is an error number, negated. */
    static int check(long result, String what, Object about) throws Errno {
        if (result < 0) {
            throw new Errno(what + about, (int) -result);
        }
        return (int) result;
    }

    static int check(long result, String what) throws Errno {
        return check(result, what, "");
    }

    static String strerror(int number) {
        long address = Native.callLong(STRERROR, number, 0, 0, 0, 0, 0);
        ByteBuffer text = Native.memory(address, ERROR_TEXT_BYTES);
        int end = 0;
        while (text.get(end) != 0) {
            end++;
        }
        return StandardCharsets.UTF_8.decode(text.limit(end)).toString();
    }

    /** The descriptor; flags always gain O_CLOEXEC. */
    public static int open(String path, int flags, int mode) throws Errno {
        return openAt(AT_FDCWD, path, flags, mode);
    }

    /** As {@link #open}, of a path that starts in {@code folder}. */
    static int openAt(int folder, String path, int flags, int mode) throws Errno {
        try (Memory memory = Memory.open(Memory.mostBytes(path))) {
            long name = memory.text(path);
            return check(
                    Native.call(OPENAT, folder, name, flags | O_CLOEXEC, mode),
                    "cannot open ",
                    path);
        }
    }

    public static void close(int fd) throws Errno {
        check(Native.call(CLOSE, fd), "cannot close descriptor ", fd);
    }

    /** How many bytes came, or the negated error number. */
    static int read(int fd, long address, int bytes) {
        return Native.call(READ, fd, address, bytes);
    }

    /** How many bytes went, or the negated error number. */
    static int write(int fd, long address, int bytes) {
        return Native.call(WRITE, fd, address, bytes);
    }

    static void write(int fd, String text) throws Errno {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        try (Memory memory = Memory.open(content.length)) {
            check(write(fd, memory.ofBytes(content), content.length), "cannot write");
        }
    }

    /**
     * @param pid negative for a process group
     */
    public static void kill(int pid, int signal) throws Errno {
        check(Native.call(KILL, pid, signal), "cannot signal ", pid);
    }

    /** As {@link #kill}; false if there is nobody to be signalled. */
    public static boolean killIfThere(int pid, int signal) {
        return Native.call(KILL, pid, signal) >= 0;
    }

    public static void mkfifo(String path, int mode) throws Errno {
        atPath(MKFIFO, path, mode, 0, "cannot make fifo ");
    }

    /** Sets the permission bits, whatever the umask is. */
    public static void chmod(String path, int mode) throws Errno {
        atPath(CHMOD, path, mode, 0, "cannot chmod ");
    }

    /**
     * @param uid -1 keeps it
     * @param gid -1 keeps it
     */
    public static void chown(String path, int uid, int gid) throws Errno {
        atPath(CHOWN, path, uid, gid, "cannot chown ");
    }

    /** Calls a function whose first argument is a path. */
    static void atPath(long function, String path, long a, long b, String what) throws Errno {
        try (Memory memory = Memory.open(Memory.mostBytes(path))) {
            check(Native.call(function, memory.text(path), a, b), what, path);
        }
    }

    static int socket(int family, int type, String what) throws Errno {
        return check(Native.call(SOCKET, family, type | O_CLOEXEC, 0), what);
    }

    /**
     * @param argument a number or an address
     */
    static int ioctl(int fd, long request, long argument, String what) throws Errno {
        return check(Native.call(IOCTL, fd, request, argument), what);
    }

    /** The index of an interface, or 0 if there is none. */
    static int interfaceIndex(String name) {
        try (Memory memory = Memory.open(Memory.mostBytes(name))) {
            return Math.max(0, Native.call(NAMETOINDEX, memory.text(name)));
        }
    }

    static long systemCall(String what, long number, long a, long b, long c, long d) throws Errno {
        long result = Native.systemCall(number, a, b, c, d, 0, 0);
        check(result, what);
        return result;
    }

    static void prctl(String what, int option, long a, long b) throws Errno {
        check(Native.call(PRCTL, option, a, b, 0, 0, 0), what);
    }
}
