package vmm.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What comes from a client before TLS takes it apart. Until {@link #handshakeIsOver} the bytes of
 * all clients together are bounded, and are read as many at once as have come. One thread.
 */
final class ClientInput extends InputStream {
    /** What all unfinished handshakes may have sent, beyond their first bytes. */
    static final long HANDSHAKE_BYTES_MAX = 24L << 20;

    /** So much is any handshake's right. */
    private static final int FREE_BYTES = 16 << 10;

    /** Most clients' side of a handshake. */
    private static final int AHEAD_BYTES_MAX = 4 << 10;

    /** The type of a record that carries a handshake (RFC 8446 5.1). */
    private static final int HANDSHAKE_RECORD = 22;

    private static final AtomicLong IN_FLIGHT = new AtomicLong();

    private final SocketChannel channel;
    private final ClientOutput output;
    private ByteBuffer ahead = ByteBuffer.allocate(1).limit(0);
    private boolean counting = true;
    private long received;
    private long taken;

    /**
     * @param output what it holds is sent before a client's answer is waited for
     */
    ClientInput(SocketChannel channel, ClientOutput output) {
        this.channel = channel;
        this.output = output;
    }

    /** What the first byte is. */
    enum Start {
        TLS,
        GARBAGE,
        NOTHING
    }

    /** Waits for the first byte: until then a connection costs its descriptor and little else. */
    Start start() throws IOException {
        int read = channel.read(ahead.clear());
        ahead.flip();
        if (read <= 0) {
            return Start.NOTHING;
        }
        return ahead.get(0) == HANDSHAKE_RECORD ? Start.TLS : Start.GARBAGE;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!ahead.hasRemaining() && counting && length < AHEAD_BYTES_MAX) {
            readAhead();
        }
        if (ahead.hasRemaining()) {
            int some = Math.min(length, ahead.remaining());
            ahead.get(target, offset, some);
            return some;
        }
        return readOn(ByteBuffer.wrap(target, offset, length));
    }

    private void readAhead() throws IOException {
        if (ahead.capacity() < AHEAD_BYTES_MAX) {
            ahead = ByteBuffer.allocate(AHEAD_BYTES_MAX);
        }
        readOn(ahead.clear());
        ahead.flip();
    }

    private int readOn(ByteBuffer to) throws IOException {
        if (!counting) {
            return channel.read(to);
        }
        output.send();
        int read = channel.read(to);
        if (read > 0) {
            count(read);
        }
        return read;
    }

    private void count(int more) throws IOException {
        received += more;
        long over = received - FREE_BYTES - taken;
        if (over > 0) {
            taken += over;
            if (IN_FLIGHT.addAndGet(over) > HANDSHAKE_BYTES_MAX) {
                throw new IOException("too many large handshakes at once");
            }
        }
    }

    /** The handshake is over, well or not: no more is counted. */
    void handshakeIsOver() {
        counting = false;
        IN_FLIGHT.addAndGet(-taken);
        taken = 0;
    }
}
