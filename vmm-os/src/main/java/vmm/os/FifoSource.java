package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The reading end of a fifo. Opening does not wait for a writer, and the end is seen when the last
 * writer has gone, not before the first one came. Reads block: platform threads only.
 */
@SuppressWarnings("restricted")
public final class FifoSource implements AutoCloseable {
    private static final int POLL_MILLIS = 2000;
    private static final short POLLIN = 1;
    private static final short POLLHUP = 0x10;

    private static final MethodHandle POLL = Libc.plain("poll", ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle READ =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("read"),
                            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment pollfd = arena.allocate(8, 4);
    private final MemorySegment content;
    private final Path path;
    private boolean begun;

    private FifoSource(int fd, Path path, int bytes) {
        this.fd = fd;
        this.path = path;
        content = arena.allocate(bytes);
        pollfd.set(JAVA_INT, 0, fd);
        pollfd.set(JAVA_SHORT, 4, POLLIN);
    }

    /**
     * Opens at once, whether or not somebody writes.
     *
     * @param bytes how much one read gives at most
     */
    public static FifoSource open(Path path, int bytes) throws Errno {
        return new FifoSource(
                Libc.open(path.toString(), Libc.O_RDONLY | Libc.O_NONBLOCK, 0), path, bytes);
    }

    /**
     * What was written, valid until the next call; empty at the end, which also comes where the
     * fifo was removed before anything was written.
     */
    public ByteBuffer read() {
        while (true) {
            pollfd.set(JAVA_SHORT, 6, (short) 0);
            long ready = Libc.run(() -> (int) POLL.invokeExact(pollfd, 1L, POLL_MILLIS));
            short events = pollfd.get(JAVA_SHORT, 6);
            if (ready <= 0 || events == 0) {
                if (!begun && !Files.exists(path)) {
                    break;
                }
                continue;
            }
            begun = true;
            long read = Libc.run(() -> (long) READ.invokeExact(fd, content, content.byteSize()));
            if (read > 0) {
                return content.asSlice(0, read).asByteBuffer();
            }
            if (read == 0 || (events & POLLHUP) != 0 || (events & POLLIN) == 0) {
                break;
            }
        }
        return ByteBuffer.allocate(0);
    }

    @Override
    public void close() throws Errno {
        arena.close();
        Libc.close(fd);
    }
}
