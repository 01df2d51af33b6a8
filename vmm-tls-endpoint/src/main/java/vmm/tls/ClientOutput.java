package vmm.tls;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * What goes to a client. The records of a handshake leave together, when its answer is waited for;
 * later ones at once. An engine that fails closes: that sends the alert, and closes nothing, since
 * an alert is lost with what is unread. One thread.
 */
final class ClientOutput extends OutputStream {
    /** Most servers' side of a handshake. */
    private static final int HELD_BYTES_MAX = 4 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private ByteBuffer held = NOTHING;

    ClientOutput(SocketChannel channel) {
        this.channel = channel;
    }

    void handshakeStarts() {
        held = ByteBuffer.allocate(HELD_BYTES_MAX);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (length > held.remaining()) {
            send();
        }
        if (length > held.remaining()) {
            write(ByteBuffer.wrap(bytes, from, length));
        } else {
            held.put(bytes, from, length);
        }
    }

    void send() throws IOException {
        write(held.flip());
        held.clear();
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** From now on nothing is held. */
    void handshakeIsOver() throws IOException {
        send();
        held = NOTHING;
    }

    @Override
    public void close() throws IOException {
        send();
    }
}
