package vmm.os;

import java.nio.charset.StandardCharsets;

/**
 * Files that are read from their start again and again, on descriptors that are kept. An instance
 * is one reader's buffer: one thread. What is read is small, and never a fifo.
 */
public final class KeptFile implements AutoCloseable {
    private static final long PREAD = Native.function("pread");
    private static final long READLINKAT = Native.function("readlinkat");
    private static final long SYSCONF = Native.function("sysconf");
    private static final int SC_PAGESIZE = 30;

    private final Memory memory;
    private final long buffer;
    private final int bytesMax;

    /**
     * @param bytesMax how much of a file is read at most
     */
    public KeptFile(int bytesMax) {
        this.bytesMax = bytesMax;
        memory = Memory.open(bytesMax);
        buffer = memory.zeroed(0);
    }

    /** The size of a page of memory. */
    public static long pageBytes() {
        return Native.callLong(SYSCONF, SC_PAGESIZE, 0, 0, 0, 0, 0);
    }

    /** A folder, to open files in it whatever its path means later. */
    public static int folder(String path) throws Errno {
        return Libc.open(path, Libc.O_RDONLY | Libc.O_DIRECTORY, 0);
    }

    /** A file in {@code folder}, for reading. */
    public static int open(int folder, String name) throws Errno {
        return Libc.openAt(folder, name, Libc.O_RDONLY, 0);
    }

    /**
     * Reads from {@code offset} on into {@code target} and returns how many bytes came.
     *
     * @return the negative error number where it failed: an exception a tick for each process that
     *     ended would cost more than the tick
     */
    public int read(int fd, long offset, byte[] target) {
        int most = Math.min(target.length, bytesMax);
        int count = Native.call(PREAD, fd, buffer, most, offset);
        if (count > 0) {
            memory.copy(buffer, target, count);
        }
        return count;
    }

    /** What a symbolic link in {@code folder} says, or empty text where it cannot be read. */
    public String link(int folder, String name) {
        try (Memory local = Memory.open(Memory.mostBytes(name))) {
            int count = Native.call(READLINKAT, folder, local.text(name), buffer, bytesMax);
            return count < 0
                    ? ""
                    : new String(memory.bytesAt(buffer, count), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
