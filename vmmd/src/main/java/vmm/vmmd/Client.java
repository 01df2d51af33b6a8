package vmm.vmmd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.daemon.ServiceConnection;
import vmm.vmmd.core.Input;
import vmm.vmmd.host.Zlib;
import vmm.wire.Command;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;

/** A connection to vmmd: commands to the core, its replies back. One virtual thread. */
final class Client implements Shell.Asker {
    private static final Logger LOG = LogManager.getLogger(Client.class);

    /** What a stream may pause: then its connection is closed. */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);

    /** How much is read, and thrown away, so that a refused stream hears why. */
    private static final long DISCARDED_BYTES_MAX = 1L << 30;

    /** What is to be sent. */
    private sealed interface Outgoing {
        record Reply(Message message, boolean last) implements Outgoing {}

        /** A job sent the reply itself. */
        record Sent() implements Outgoing {}
    }

    private final long id = Shell.newId();
    private final SocketChannel channel;
    private final FrameReader reader;
    private final ServiceConnection connection;
    private final LinkedBlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>();
    private final AtomicLong progress = new AtomicLong();

    /** A reply is awaited or being sent. */
    private volatile boolean asking;

    /** Chunks follow the command that was read last. */
    private volatile boolean streaming;

    Client(SocketChannel channel) {
        this.channel = channel;
        connection = new ServiceConnection(channel);
        reader = connection.reader();
    }

    @Override
    public long id() {
        return id;
    }

    boolean isAsking() {
        return asking;
    }

    @Override
    public void reply(Message message, boolean last) {
        outgoing.add(new Outgoing.Reply(message, last));
    }

    /** Sends a part of a reply, from the one job that answers. */
    void send(Message message) throws IOException {
        progress.incrementAndGet();
        connection.send(message);
    }

    /** The reply is sent, or cannot be: the connection is closed. */
    void sent() {
        outgoing.add(new Outgoing.Sent());
    }

    /** The chunks that follow the command; for the one job that reads them. */
    Zlib.Source chunks() {
        return () -> {
            progress.incrementAndGet();
            ByteBuffer piece = reader.nextPiece(FrameReader.IMAGE_FRAME_BYTES_MAX);
            streaming = piece != null;
            return piece;
        };
    }

    /** Runs a stream; a peer that stops in the middle of it is let go. */
    void watched(Stream stream) throws IOException {
        Thread watch = Thread.ofVirtual().start(this::closeWhenSilent);
        try {
            stream.run();
        } finally {
            watch.interrupt();
        }
    }

    /** Reads or writes this connection. */
    interface Stream {
        void run() throws IOException;
    }

    private void closeWhenSilent() {
        try {
            for (long seen = -1; seen != progress.get(); ) {
                seen = progress.get();
                Thread.sleep(SILENCE_MAX);
            }
            LOG.warn("closing a connection: its stream paused for {}", SILENCE_MAX);
            channel.close();
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        }
    }

    void serve(Shell shell, StatsPeers stats) throws IOException {
        try {
            while (true) {
                try (var received = connection.receive(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
                    if (received == null || !answer(received.message(), shell, stats)) {
                        break;
                    }
                }
            }
            if (streaming) {
                watched(this::discard);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            shell.forget(this);
        }
    }

    /** Who still sends hears the answer only if all is read before the connection is closed. */
    private void discard() throws IOException {
        channel.shutdownOutput();
        var nothing = ByteBuffer.allocate(FrameReader.SMALL_FRAME_BYTES_MAX);
        long read = 0;
        while (read < DISCARDED_BYTES_MAX) {
            int count = channel.read(nothing.clear());
            if (count < 0) {
                return;
            }
            read += count;
            progress.incrementAndGet();
        }
    }

    /** Returns whether the connection goes on. */
    private boolean answer(Message message, Shell shell, StatsPeers stats)
            throws IOException, InterruptedException {
        if (!(message.payload() instanceof Message.Payload.Asked(var command))) {
            connection.send(Message.failed(message.header(), "expected a command"));
            return false;
        }
        if (command instanceof Command.StatsInitial) {
            connection.send(Message.done(message.header(), new Success.Empty()));
            stats.serve(connection);
            return false;
        }
        var client = new vmm.vmmd.core.Client(id, message.header());
        Optional<Message> known = shell.answer(client, command);
        if (known.isPresent()) {
            connection.send(known.get());
            return false;
        }
        streaming = command instanceof Command.BlockSet || command instanceof Command.BlockSetFrom;
        asking = true;
        try {
            shell.register(this);
            shell.submit(new Input.Asked(client, command, Instant.now()));
            return switch (outgoing.take()) {
                case Outgoing.Reply(var reply, var last) -> {
                    connection.send(reply);
                    yield !last;
                }
                case Outgoing.Sent() -> false;
            };
        } finally {
            asking = false;
        }
    }
}
