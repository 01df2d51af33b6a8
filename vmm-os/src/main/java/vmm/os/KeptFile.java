package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Files that are read from their start again and again, on descriptors that are kept. An instance
 * is one reader's buffer: one thread. What is read is small, and never a fifo.
 */
@SuppressWarnings("restricted")
public final class KeptFile implements AutoCloseable {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout()
                    .varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle PREAD =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("pread"),
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG),
                    Linker.Option.captureCallState("errno"));

    /** Loaded now and linked when first used, see {@link Libc#LATE}. */
    static final Class<?> LATE = Links.class;

    private static final class Links {
        private static final MethodHandle READLINKAT =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("readlinkat"),
                        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG),
                        Linker.Option.captureCallState("errno"));
    }

    private static final int O_DIRECTORY = 0x10000;

    private static final int SC_PAGESIZE = 30;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
    private final MemorySegment buffer;

    /**
     * @param bytesMax how much of a file is read at most
     */
    public KeptFile(int bytesMax) {
        buffer = arena.allocate(bytesMax, 8);
    }

    /** The size of a page of memory. */
    public static long pageBytes() {
        MethodHandle sysconf =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("sysconf"),
                        FunctionDescriptor.of(JAVA_LONG, JAVA_INT));
        return Libc.run(() -> (long) sysconf.invokeExact(SC_PAGESIZE));
    }

    /** A folder, to open files in it whatever its path means later. */
    public static int folder(String path) throws Errno {
        return Libc.open(path, Libc.O_RDONLY | O_DIRECTORY, 0);
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
        long most = Math.min(target.length, buffer.byteSize());
        long count = Libc.run(() -> (long) PREAD.invokeExact(state, fd, buffer, most, offset));
        if (count < 0) {
            return -(int) ERRNO.get(state, 0L);
        }
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, target, 0, (int) count);
        return (int) count;
    }

    /** What a symbolic link in {@code folder} says, or empty text where it cannot be read. */
    public String link(int folder, String name) {
        try (Arena local = Arena.ofConfined()) {
            MemorySegment text = local.allocateFrom(name);
            long count =
                    Libc.run(
                            () ->
                                    (long)
                                            Links.READLINKAT.invokeExact(
                                                    state,
                                                    folder,
                                                    text,
                                                    buffer,
                                                    buffer.byteSize()));
            if (count < 0) {
                return "";
            }
            byte[] bytes = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
            return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
