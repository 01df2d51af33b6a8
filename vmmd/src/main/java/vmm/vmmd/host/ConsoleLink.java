package vmm.vmmd.host;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Name;
import vmm.daemon.ServiceConnection;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;

/**
 * Tells vmm-console which fifos to read. It works without a console, and when one comes (back) it
 * hears of all that run. Any thread.
 */
public final class ConsoleLink implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(ConsoleLink.class);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofMillis(250);

    private final Path socket;
    private final Map<Name, Long> running = new ConcurrentHashMap<>();
    private final ScheduledExecutorService deadlines =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("console deadlines").factory());
    private volatile boolean closed;

    /** The console takes the form of before 2.6.1. */
    private volatile boolean old;

    public ConsoleLink(Path socket) {
        this.socket = socket;
        Thread.ofVirtual().start(this::watch);
    }

    /** Has the fifo of {@code name} read; without a console it is remembered for later. */
    public void add(Name name, long rings) {
        running.put(name, rings);
        try {
            tell(name, rings);
        } catch (IOException e) {
            LOG.warn("{} runs without a console for now: {}", name, e.getMessage());
        }
    }

    public void remove(Name name) {
        running.remove(name);
    }

    /**
     * A console before 2.6.1 knows no number of rings: it closes the connection, and is asked
     * again.
     */
    private void tell(Name name, long rings) throws IOException {
        if (!old && ask(name, OptionalLong.of(rings))) {
            return;
        }
        if (!ask(name, OptionalLong.empty())) {
            throw new IOException("vmm-console closed the connection");
        }
        if (!old) {
            LOG.info("the console at {} is one of before 2.6.1", socket);
            old = true;
        }
    }

    /** Returns whether there was an answer. */
    private boolean ask(Name name, OptionalLong rings) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            ScheduledFuture<?> late =
                    deadlines.schedule(
                            () -> closeQuietly(channel),
                            ANSWER_MAX.toMillis(),
                            TimeUnit.MILLISECONDS);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return isAdded(new ServiceConnection(channel), name, rings);
            } catch (ClosedChannelException _) {
                throw new IOException(
                        "vmm-console did not answer within " + ANSWER_MAX.toSeconds() + " s");
            } finally {
                late.cancel(false);
            }
        }
    }

    private static boolean isAdded(ServiceConnection connection, Name name, OptionalLong rings)
            throws IOException {
        connection.send(Message.asking(Header.of(name), new Command.ConsoleAdd(rings)));
        try (var answer = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
            if (answer == null) {
                return false;
            }
            if (answer.message().payload() instanceof Message.Payload.Failed(var why)) {
                throw new IOException("vmm-console: " + why);
            }
            return true;
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        }
    }

    /** Holds a connection only to notice that the console has gone, and comes back. */
    private void watch() {
        boolean known = true;
        while (!closed) {
            try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                if (!known) {
                    LOG.info("vmm-console is back: adding {} unikernels", running.size());
                }
                for (Map.Entry<Name, Long> entry : running.entrySet()) {
                    if (!known) {
                        tell(entry.getKey(), entry.getValue());
                    }
                }
                known = true;
                var nothing = ByteBuffer.allocate(1);
                while (channel.read(nothing.clear()) >= 0) {
                    LOG.debug("vmm-console says something unasked");
                }
            } catch (IOException e) {
                LOG.debug("no console: {}", e.getMessage());
            }
            known = false;
            old = false;
            java.util.concurrent.locks.LockSupport.parkNanos(RETRY.toNanos());
        }
    }

    @Override
    public void close() {
        closed = true;
        deadlines.shutdownNow();
    }
}
