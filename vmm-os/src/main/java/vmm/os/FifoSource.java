package vmm.os;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The reading end of a fifo. Opening does not wait for a writer, and the end is seen when the last
 * writer has gone, not before the first one came. Reads block: platform threads only.
 */
public final class FifoSource implements AutoCloseable {
    private static final int POLL_MILLIS = 2000;
    private static final short POLLIN = 1;
    private static final short POLLHUP = 0x10;

    private static final int POLLFD_BYTES = 8;

    private static final long POLL = Native.function("poll");

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final ByteBuffer pollfd = allocate(POLLFD_BYTES);
    private final ByteBuffer content;
    private final Path path;
    private boolean begun;

    private FifoSource(int fd, Path path, int bytes) {
        this.fd = fd;
        this.path = path;
        content = allocate(bytes);
        pollfd.putInt(0, fd).putShort(4, POLLIN);
    }

    private ByteBuffer allocate(int bytes) {
        return arena.allocate(bytes, Long.BYTES).asByteBuffer().order(ByteOrder.nativeOrder());
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
            pollfd.putShort(6, (short) 0);
            int ready = Native.call(POLL, Native.address(pollfd), 1, POLL_MILLIS);
            short events = pollfd.getShort(6);
            if (ready <= 0 || events == 0) {
                if (!begun && !Files.exists(path)) {
                    break;
                }
                continue;
            }
            begun = true;
            int read = Libc.read(fd, Native.address(content), content.capacity());
            if (read > 0) {
                return content.slice(0, read);
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
