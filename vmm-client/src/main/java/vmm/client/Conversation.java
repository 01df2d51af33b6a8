package vmm.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vmm.client.tls.TlsLink;
import vmm.client.tls.TlsProblem;
import vmm.core.Bytes;
import vmm.wire.Command;
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
    private final Optional<RemoteOptions> remote;
    private final Release release;

    /** Both are there from the start, or from the question to another host on. */
    private @Nullable Line line;

    private @Nullable FrameReader reader;
    private @Nullable Frame last;
    private volatile @Nullable IOException torn;
    private volatile boolean stopped;
    private Optional<Command> asked = Optional.empty();
    private boolean answered;

    private Conversation(Path socket, Optional<RemoteOptions> remote, Release release) {
        this.socket = socket;
        this.remote = remote;
        this.release = release;
    }

    /** What carries the bytes. */
    private record Line(GatheringByteChannel out, Closeable end, Closeable endOfInput) {}

    /** With another host: it is called when the question is known, which its certificate holds. */
    static Conversation remote(RemoteOptions remote, Release release) {
        Path host = Path.of(String.valueOf(remote.destination));
        return new Conversation(host, Optional.of(remote), release);
    }

    /** With another host that was asked by a certificate already. */
    static Conversation over(TlsLink link, RemoteOptions remote) {
        var talk = remote(remote, Release.NEWEST);
        talk.carry(link);
        return talk;
    }

    private void carry(TlsLink link) {
        line = new Line(link.out(), link::close, link::shutdownInput);
        reader = FrameReader.ofPassing(link.in());
    }

    private GatheringByteChannel out() {
        if (line == null) {
            throw new IllegalStateException("nothing has been asked yet");
        }
        return line.out();
    }

    static Conversation open(Path socket, Release release) throws ClientFailure {
        try {
            var talk = new Conversation(socket, Optional.empty(), release);
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            talk.line = new Line(channel, channel, channel::shutdownInput);
            talk.reader = FrameReader.ofPassing(channel);
            return talk;
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
        if (Files.notExists(socket) || socket.toString().isEmpty()) {
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
    void ask(Message message) throws ClientFailure {
        asked = Optional.of(RemoteOptions.command(message));
        if (remote.isPresent()) {
            askRemote(remote.get(), message);
            return;
        }
        try {
            ByteBuffer frame = FrameWriter.frame(message);
            while (frame.hasRemaining()) {
                int length = Math.min(WRITE_BYTES_MAX, frame.remaining());
                int written = out().write(frame.slice(frame.position(), length));
                frame.position(frame.position() + written);
            }
        } catch (IOException e) {
            torn = e;
        }
    }

    private void askRemote(RemoteOptions host, Message message) throws ClientFailure {
        carry(host.open(message, release));
        if (release.streams()
                && RemoteOptions.command(message) instanceof Command.Create(_, _, var config)) {
            Bytes image = config.image();
            for (int at = 0; at < image.length(); at += WRITE_BYTES_MAX) {
                if (!send(image.slice(at, Math.min(WRITE_BYTES_MAX, image.length() - at)))) {
                    return;
                }
            }
            sendEnd();
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
            sending.to(new FrameWriter(out()));
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
            @Nullable Frame frame = reader == null ? null : reader.next(FRAME_BYTES_MAX);
            last = frame;
            if (frame == null) {
                return Optional.empty();
            }
            answered = true;
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
            if (stopped) {
                return Optional.empty();
            }
            Optional<TlsProblem> alert = TlsProblem.ofAlert(e);
            if (alert.isPresent()) {
                throw ClientFailure.of(alert.get());
            }
            throw broke("", torn == null ? e : torn);
        }
    }

    private ClientFailure broke(String when, IOException why) {
        String line = "the connection to " + socket + " broke" + when + ": " + why.getMessage();
        return ClientFailure.communication(answered ? line : line + "; " + silence().nextStep());
    }

    /** The answer to the question; that there is none is a failure as well. */
    Message answer() throws ClientFailure {
        Optional<Message> message = next();
        if (message.isPresent()) {
            return message.get();
        }
        throw torn != null
                ? broke(" while sending", torn)
                : ClientFailure.closed(
                        (remote.isPresent() ? socket : daemon(socket))
                                + " closed the connection without an answer: "
                                + silence().nextStep());
    }

    /** The other side has closed what would go on for ever. */
    ClientFailure ended() {
        return ClientFailure.communication(
                remote.isPresent()
                        ? socket
                                + " closed the connection: ask again, which says whether the"
                                + " certificate has been revoked"
                        : daemon(socket) + " closed the connection: ask again to see what follows");
    }

    private Silence silence() {
        return new Silence(remote.isPresent(), release, asked);
    }

    private void forgetLast() {
        if (last != null) {
            last.close();
            last = null;
        }
    }

    /**
     * Says that no question follows: what was asked for still comes, then the other side closes.
     * False where that cannot be said.
     */
    boolean endQuestions() {
        if (!(line != null && line.end() instanceof SocketChannel channel)) {
            return false;
        }
        try {
            channel.shutdownOutput();
        } catch (IOException _) {
            // It has closed already.
        }
        return true;
    }

    /** Makes {@link #next} in another thread end as if the other side had closed. */
    void stopListening() {
        stopped = true;
        try {
            if (line != null) {
                line.endOfInput().close();
            }
        } catch (IOException _) {
            // The other side was faster.
        }
    }

    @Override
    public void close() {
        forgetLast();
        try {
            if (line != null) {
                line.end().close();
            }
        } catch (IOException _) {
            // Everything has been said.
        }
    }
}
