package vmm.stats;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.daemon.Outbox;
import vmm.daemon.ServiceConnection;
import vmm.stats.core.Input;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;

/** A connection that may ask: a subscriber, or vmmd once the roles are swapped. */
final class StatsClient {
    /** What may wait for one that reads slowly: two passes over 1,000 unikernels. */
    static final int OUTBOX_BYTES_MAX = 2 * 1024 * 1024;

    /** What may wait for all of them. */
    static final long OUTBOXES_BYTES_MAX = 16 * 1024 * 1024;

    private static final Outbox.Room ROOM = new Outbox.Room(OUTBOXES_BYTES_MAX);

    /** Samples that were lost because their subscribers did not read, of all of them. */
    static final AtomicLong LOST = new AtomicLong();

    private static final Logger LOG = LogManager.getLogger(StatsClient.class);
    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private final ServiceConnection connection;
    private final Outbox outbox = new Outbox(OUTBOX_BYTES_MAX, ROOM, _ -> ByteBuffer.allocate(0));

    StatsClient(ServiceConnection connection) {
        this.connection = connection;
    }

    long id() {
        return id;
    }

    void reply(ByteBuffer frame, boolean last) {
        if (!outbox.put(frame) || last) {
            outbox.close();
        }
    }

    /**
     * @param count how many samples these are
     */
    void tell(ByteBuffer frames, int count) {
        if (!outbox.put(frames, count)) {
            LOST.addAndGet(count);
        }
    }

    /** Serves it until it closes. */
    void serve(Shell shell) throws IOException {
        shell.register(this);
        Thread writer = Thread.ofVirtual().start(this::write);
        try {
            boolean more = true;
            while (more) {
                try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                    more = received != null && ask(received.message(), shell);
                }
            }
        } finally {
            shell.forget(this);
            outbox.close();
            writer.interrupt();
        }
    }

    private boolean ask(Message message, Shell shell) {
        if (message.payload() instanceof Message.Payload.Asked(var command)) {
            shell.submit(new Input.Asked(id, message.header(), command));
            return true;
        }
        reply(FrameWriter.frame(Message.failed(message.header(), "expected a command")), true);
        return false;
    }

    private void write() {
        try {
            outbox.drainTo(connection.channel());
            connection.channel().close();
        } catch (IOException e) {
            LOG.debug("a subscriber is gone: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
