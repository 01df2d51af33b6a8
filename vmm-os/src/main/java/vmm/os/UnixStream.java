package vmm.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A connection to a Unix socket for a process that makes one and ends: java.nio first looks through
 * the JDK's providers for random bytes, which takes longer than such a process does otherwise. Any
 * thread closes, which ends what others wait for; a call keeps its thread, also a virtual one's.
 */
public final class UnixStream implements ByteChannel {
    /** What sun_path holds. */
    private static final int PATH_BYTES_MAX = 108;

    private static final int PIECE_BYTES = 64 << 10;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int BOTH_WAYS = 2;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final long CONNECT = Native.function("connect");
    private static final long SHUTDOWN = Native.function("shutdown");
    private static final long SEND = Native.function("send");

    private final int fd;
    private final String where;
    private int inside;
    private boolean closed;

    private UnixStream(int fd, String where) {
        this.fd = fd;
        this.where = where;
    }

    /** Connects, or says why that cannot be. */
    public static UnixStream connect(Path socket) throws IOException {
        byte[] path = socket.toString().getBytes(StandardCharsets.UTF_8);
        if (path.length >= PATH_BYTES_MAX) {
            throw new IOException(socket + " is longer than the path of a socket may be");
        }
        int fd = Libc.socket(AF_UNIX, SOCK_STREAM, socket.toString());
        try (Memory memory = Memory.open()) {
            long name = memory.zeroed(Short.BYTES);
            memory.setShort(name, AF_UNIX);
            memory.put(path);
            memory.put(new byte[1]);
            Libc.check(
                    Native.call(CONNECT, fd, name, Short.BYTES + path.length + 1),
                    socket.toString());
        } catch (IOException e) {
            Libc.close(fd);
            throw e;
        }
        return new UnixStream(fd, socket.toString());
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
        try (Memory memory = Memory.open(room + Long.BYTES)) {
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
        try (Memory memory = Memory.open(bytes.length)) {
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

    private synchronized void enter() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
        inside++;
    }

    private synchronized void leave() throws IOException {
        inside--;
        if (closed && inside == 0) {
            Libc.close(fd);
        }
    }

    @Override
    public synchronized boolean isOpen() {
        return !closed;
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (inside == 0) {
            Libc.close(fd);
        } else {
            Native.call(SHUTDOWN, fd, BOTH_WAYS);
        }
    }
}
