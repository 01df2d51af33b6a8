package vmm.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection to a Unix socket for a process that makes one and ends: java.nio first looks through
 * the JDK's providers for random bytes, which takes longer than such a process does otherwise. Any
 * thread closes, which ends what others wait for; a call keeps its thread, also a virtual one's.
 */
public final class UnixStream implements ByteChannel {
    /** What one of the blocks holds that are used again. */
    private static final int PIECE_BYTES = Memory.BLOCK_BYTES - Long.BYTES;

    private static final int SOCK_STREAM = 1;
    private static final int BOTH_WAYS = 2;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int CLOSED = 1 << 30;
    private static final long SHUTDOWN = Native.function("shutdown");
    private static final long SEND = Native.function("send");

    private final int fd;
    private final String where;

    /** How many calls are under way, and {@link #CLOSED}. Who ends the last one closes. */
    private final AtomicInteger state = new AtomicInteger();

    private UnixStream(int fd, String where) {
        this.fd = fd;
        this.where = where;
    }

    /** Connects, or says why that cannot be. */
    public static UnixStream connect(Path socket) throws IOException {
        String where = socket.toString();
        int fd = Libc.socket(UnixAddress.FAMILY, SOCK_STREAM, where);
        try {
            UnixAddress.connect(fd, where, where);
        } catch (IOException e) {
            Libc.close(fd);
            throw e;
        }
        return new UnixStream(fd, where);
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        int room = Math.min(to.remaining(), PIECE_BYTES);
        if (room == 0) {
            return 0;
        }
        byte[] bytes = new byte[room];
        int count;
        enter();
        try (Memory memory = Memory.open()) {
            long at = memory.zeroed(room);
            do {
                count = Libc.read(fd, at, room);
            } while (count == -Errno.EINTR);
            Libc.check(count, where);
            memory.copy(at, bytes, count);
        } finally {
            leave();
        }
        to.put(bytes, 0, count);
        return count == 0 ? -1 : count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        byte[] bytes = new byte[Math.min(from.remaining(), PIECE_BYTES)];
        from.get(from.position(), bytes);
        int count;
        enter();
        try (Memory memory = Memory.open()) {
            long at = memory.ofBytes(bytes);
            do {
                count = Native.call(SEND, fd, at, bytes.length, MSG_NOSIGNAL);
            } while (count == -Errno.EINTR);
            Libc.check(count, where);
        } finally {
            leave();
        }
        from.position(from.position() + count);
        return count;
    }

    private void enter() throws ClosedChannelException {
        if (state.getAndUpdate(s -> s < CLOSED ? s + 1 : s) >= CLOSED) {
            throw new ClosedChannelException();
        }
    }

    private void leave() throws IOException {
        if (state.decrementAndGet() == CLOSED) {
            Libc.close(fd);
        }
    }

    @Override
    public boolean isOpen() {
        return state.get() < CLOSED;
    }

    @Override
    public void close() throws IOException {
        if (state.getAndUpdate(s -> s < CLOSED ? s + CLOSED + 1 : s) < CLOSED) {
            Native.call(SHUTDOWN, fd, BOTH_WAYS);
            leave();
        }
    }
}
