package vmm.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.wire.Decoded;
import vmm.wire.Message;
import vmm.wire.channel.Frame;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** One connection to a daemon: a question, and what comes back. One thread uses it. */
final class Conversation implements AutoCloseable {
    /** Room for the largest image that vmmd takes, and its envelope. */
    static final int FRAME_BYTES_MAX = (64 << 20) + (64 << 10);

    /** The JDK copies what it writes: pieces keep that copy of an image small. */
    private static final int WRITE_BYTES_MAX = 256 << 10;

    private final Path socket;
    private final SocketChannel channel;
    private final FrameReader reader;
    private @Nullable Frame last;
    private volatile @Nullable IOException torn;

    private Conversation(Path socket, SocketChannel channel) {
        this.socket = socket;
        this.channel = channel;
        this.reader = new FrameReader(channel);
    }

    static Conversation open(Path socket) throws ClientFailure {
        try {
            return new Conversation(socket, SocketChannel.open(UnixDomainSocketAddress.of(socket)));
        } catch (IOException e) {
            throw ClientFailure.connect(reason(socket, e));
        } catch (IllegalArgumentException e) {
            throw ClientFailure.connect("no socket can be at " + socket + ": " + e.getMessage());
        }
    }

    /** Why nobody could be reached, and what to do about it. */
    static String reason(Path socket, IOException e) {
        String daemon = daemon(socket);
        String why = String.valueOf(e.getMessage());
        if (why.contains("ermission denied")) {
            return "not permitted to connect to "
                    + socket
                    + ": become a member of its group, or use sudo";
        }
        if (Files.notExists(socket)) {
            return "no socket at "
                    + socket
                    + ": start "
                    + daemon
                    + ", or say where it is with --tmpdir or --socket";
        }
        if (e instanceof ConnectException) {
            return "nobody listens on " + socket + ": " + daemon + " has ended, start it again";
        }
        return "cannot connect to " + socket + ": " + why;
    }

    private static String daemon(Path socket) {
        return switch (String.valueOf(socket.getFileName())) {
            case "console.sock" -> "vmm-console";
            case "stat.sock" -> "vmm-stats";
            default -> "vmmd";
        };
    }

    /** Sends; that it broke off is told only if no answer says why. */
    void ask(Message message) {
        try {
            ByteBuffer frame = FrameWriter.frame(message);
            while (frame.hasRemaining()) {
                int length = Math.min(WRITE_BYTES_MAX, frame.remaining());
                int written = channel.write(frame.slice(frame.position(), length));
                frame.position(frame.position() + written);
            }
        } catch (IOException e) {
            torn = e;
        }
    }

    /** One piece of a stream that follows the question; false once the connection is torn. */
    boolean send(Bytes chunk) {
        return torn == null && sent(writer -> writer.sendChunk(chunk));
    }

    /** Ends the stream; that it broke off is told only if no answer says why. */
    void sendEnd() {
        boolean _ = torn == null && sent(FrameWriter::sendEnd);
    }

    private boolean sent(Sending sending) {
        try {
            sending.to(new FrameWriter(channel));
            return true;
        } catch (IOException e) {
            torn = e;
            return false;
        }
    }

    /** Something to write. */
    @FunctionalInterface
    private interface Sending {
        void to(FrameWriter writer) throws IOException;
    }

    /** The next message, valid until the one after it; empty when the other side has closed. */
    Optional<Message> next() throws ClientFailure {
        forgetLast();
        try {
            Frame frame = reader.next(FRAME_BYTES_MAX);
            last = frame;
            if (frame == null) {
                return Optional.empty();
            }
            return switch (WireCodec.decode(frame.bytes())) {
                case Decoded.Of<Message>(var message) -> Optional.of(message);
                case Decoded.Malformed<Message>(var offset, var why, _) ->
                        throw ClientFailure.communication(
                                "the answer from "
                                        + socket
                                        + " is malformed at byte "
                                        + offset
                                        + ": "
                                        + why);
            };
        } catch (IOException e) {
            throw ClientFailure.communication(
                    "the connection to "
                            + socket
                            + " broke: "
                            + (torn == null ? e : torn).getMessage());
        }
    }

    /** The answer to the question; that there is none is a failure as well. */
    Message answer() throws ClientFailure {
        Optional<Message> message = next();
        if (message.isPresent()) {
            return message.get();
        }
        throw torn != null
                ? ClientFailure.communication(
                        "the connection to "
                                + socket
                                + " broke while sending: "
                                + torn.getMessage())
                : ClientFailure.closed(
                        daemon(socket)
                                + " closed the connection without an answer: albatross 2.5 and"
                                + " older do so when they do not know a command of newer clients,"
                                + " try --wire-release 2.5.0");
    }

    private void forgetLast() {
        if (last != null) {
            last.close();
            last = null;
        }
    }

    /** Makes {@link #next} in another thread end as if the other side had closed. */
    void stopListening() {
        try {
            channel.shutdownInput();
        } catch (IOException _) {
            // The other side was faster.
        }
    }

    @Override
    public void close() {
        forgetLast();
        try {
            channel.close();
        } catch (IOException _) {
            // Everything has been said.
        }
    }
}
