package vmm.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.wire.Decoded;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** A server that reads one command a connection, notes it, and does what the test says. */
final class Tiny implements AutoCloseable {
    /** What to do after a command was read. */
    interface Answer {
        void to(Message command, FrameWriter writer) throws IOException;
    }

    final Path socket;
    final BlockingQueue<Message> asked = new LinkedBlockingQueue<>();
    private final ServerSocketChannel server;

    Tiny(Path folder, Answer answer) throws IOException {
        socket = folder.resolve("tiny.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> serve(answer));
    }

    private void serve(Answer answer) {
        try {
            while (true) {
                try (SocketChannel peer = server.accept()) {
                    Message command = read(peer);
                    if (command != null) {
                        asked.add(command);
                        answer.to(command, new FrameWriter(peer));
                    }
                }
            }
        } catch (java.nio.channels.ClosedChannelException closed) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable Message read(SocketChannel peer) throws IOException {
        try (var frame = new FrameReader(peer).next(Conversation.FRAME_BYTES_MAX)) {
            if (frame == null) {
                return null;
            }
            Bytes copy = Bytes.of(frame.bytes().toArray());
            return WireCodec.decode(copy) instanceof Decoded.Of<Message>(var message)
                    ? message
                    : null;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
