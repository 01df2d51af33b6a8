package vmm.vmmd;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import vmm.daemon.ServiceConnection;
import vmm.vmmd.core.Input;
import vmm.wire.Command;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;

/** A connection to vmmd: commands to the core, its replies back. One virtual thread. */
final class Client {
    private static final AtomicLong IDS = new AtomicLong();

    private record Reply(Message message, boolean last) {}

    private final long id = IDS.incrementAndGet();
    private final ServiceConnection connection;
    private final LinkedBlockingQueue<Reply> replies = new LinkedBlockingQueue<>();

    Client(SocketChannel channel) {
        connection = new ServiceConnection(channel);
    }

    long id() {
        return id;
    }

    void reply(Message message, boolean last) {
        replies.add(new Reply(message, last));
    }

    void serve(Shell shell, StatsPeers stats) throws IOException {
        shell.register(this);
        try {
            while (true) {
                try (var received = connection.receive(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
                    if (received == null || !answer(received.message(), shell, stats)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            shell.forget(this);
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
        shell.submit(
                new Input.Asked(
                        new vmm.vmmd.core.Client(id, message.header()), command, Instant.now()));
        Reply reply = replies.take();
        connection.send(reply.message());
        return !reply.last();
    }
}
