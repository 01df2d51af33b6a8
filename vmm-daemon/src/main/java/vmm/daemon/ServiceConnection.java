package vmm.daemon;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.Frame;
import vmm.wire.channel.FrameException;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/**
 * A client's connection: commands in, replies out. What is malformed is answered where the header
 * could be read, logged, and ends the connection. One thread reads; one thread writes.
 */
public final class ServiceConnection {
    private static final Logger LOG = LogManager.getLogger(ServiceConnection.class);

    private final SocketChannel channel;
    private final FrameReader reader;
    private final FrameWriter writer;

    public ServiceConnection(SocketChannel channel) {
        this.channel = channel;
        reader = new FrameReader(channel);
        writer = new FrameWriter(channel);
    }

    /** A message, and the frame whose memory it may still view: close it when it was used. */
    public record Received(Message message, Frame frame) implements AutoCloseable {
        @Override
        public void close() {
            frame.close();
        }
    }

    /**
     * The next message, or null where the connection is over: by the peer, or because it sent what
     * is no message.
     */
    public @Nullable Received receive(int bytesMax) throws IOException {
        Frame frame;
        try {
            frame = reader.next(bytesMax);
        } catch (FrameException e) {
            LOG.warn("closing a connection: {}", e.getMessage());
            return null;
        }
        if (frame == null) {
            return null;
        }
        return switch (WireCodec.decode(frame.bytes())) {
            case Decoded.Of<Message>(var message) -> new Received(message, frame);
            case Decoded.Malformed<Message>(var offset, var why, var header) -> {
                frame.close();
                refuse(offset, why, header);
                yield null;
            }
        };
    }

    private void refuse(int offset, String why, Optional<Header> header) throws IOException {
        String text = "not understood at byte " + offset + ": " + why;
        LOG.warn("closing a connection: {}", text);
        if (header.isPresent()) {
            send(Message.failed(header.get(), text));
        }
    }

    public void send(Message message) throws IOException {
        writer.send(message);
    }

    /** For what follows a command as a stream. */
    public FrameReader reader() {
        return reader;
    }

    public SocketChannel channel() {
        return channel;
    }
}
