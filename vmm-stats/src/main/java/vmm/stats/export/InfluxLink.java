package vmm.stats.export;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.stats.core.Newest;

/**
 * A TCP connection that takes lines, made again whenever it is lost. What cannot be sent waits in
 * bounds; then the oldest passes are lost, and counted.
 */
public final class InfluxLink implements Consumer<Newest> {
    /** What may wait while nobody takes it: some passes over 1,000 unikernels. */
    static final int BUFFER_BYTES_MAX = 4 * 1024 * 1024;

    private static final Duration RETRY_MIN = Duration.ofSeconds(1);
    private static final Duration RETRY_MAX = Duration.ofSeconds(30);
    private static final int CONNECT_MILLIS_MAX = 5_000;
    private static final Logger LOG = LogManager.getLogger(InfluxLink.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private final String host;
    private final int port;
    private final boolean wholeNames;
    private final Clock clock;
    private long bytes;
    private long lostPasses;
    private volatile boolean connected;

    public InfluxLink(String host, int port, boolean wholeNames, Clock clock) {
        this.host = host;
        this.port = port;
        this.wholeNames = wholeNames;
        this.clock = clock;
    }

    /** Starts its thread, which ends when it is interrupted. */
    public Thread start() {
        return Thread.ofVirtual().name("influx").start(this::keep);
    }

    public boolean isConnected() {
        return connected;
    }

    public long lostPasses() {
        lock.lock();
        try {
            return lostPasses;
        } finally {
            lock.unlock();
        }
    }

    /** Never waits. */
    @Override
    public void accept(Newest newest) {
        if (!newest.readings().isEmpty()) {
            put(InfluxLines.of(newest.readings(), wholeNames, clock.instant()));
        }
    }

    private void put(byte[] lines) {
        lock.lock();
        try {
            waiting.add(lines);
            bytes += lines.length;
            while (bytes > BUFFER_BYTES_MAX) {
                bytes -= waiting.remove().length;
                lostPasses++;
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void putBack(byte[] lines) {
        lock.lock();
        try {
            if (bytes + lines.length > BUFFER_BYTES_MAX) {
                lostPasses++;
            } else {
                waiting.addFirst(lines);
                bytes += lines.length;
            }
        } finally {
            lock.unlock();
        }
    }

    private byte[] take() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                changed.await();
            }
            byte[] lines = waiting.remove();
            bytes -= lines.length;
            return lines;
        } finally {
            lock.unlock();
        }
    }

    private void keep() {
        Duration retry = RETRY_MIN;
        try {
            while (true) {
                boolean was = false;
                try (var channel = SocketChannel.open()) {
                    channel.socket().setKeepAlive(true);
                    channel.socket().connect(new InetSocketAddress(host, port), CONNECT_MILLIS_MAX);
                    was = true;
                    connected = true;
                    LOG.info("sending lines to {}:{}", host, port);
                    send(channel);
                } catch (IOException e) {
                    if (was || retry.equals(RETRY_MIN)) {
                        LOG.warn("no lines to {}:{}: {}", host, port, e.getMessage());
                    }
                } finally {
                    connected = false;
                }
                retry = was ? RETRY_MIN : longer(retry);
                Thread.sleep(retry);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration longer(Duration retry) {
        Duration twice = retry.multipliedBy(2);
        return twice.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : twice;
    }

    private void send(SocketChannel channel) throws IOException, InterruptedException {
        while (true) {
            byte[] lines = take();
            boolean sent = false;
            try {
                if (hasEnded(channel)) {
                    throw new IOException("the other side has closed");
                }
                ByteBuffer rest = ByteBuffer.wrap(lines);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                sent = true;
            } finally {
                if (!sent) {
                    putBack(lines);
                }
            }
        }
    }

    /** A write into a connection that was closed succeeds once: looking first loses nothing. */
    private static boolean hasEnded(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        int count = channel.read(ByteBuffer.allocate(512));
        channel.configureBlocking(true);
        return count < 0;
    }
}
