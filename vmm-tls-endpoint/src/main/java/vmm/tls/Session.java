package vmm.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One connection from outside: its sockets and how long it may go on as it does. Its own thread
 * talks; the watch of {@link Sessions} cuts it.
 */
final class Session {
    private static final long NONE = Long.MAX_VALUE;

    private final SocketChannel client;
    private final Optional<InetAddress> address;
    private final AtomicBoolean cut = new AtomicBoolean();
    private volatile @Nullable Channel daemon;
    private volatile long deadlineNanos = NONE;
    private volatile String awaited = "";
    private volatile boolean serviceAwaited;
    private volatile List<Shown> chain = List.of();

    Session(SocketChannel client) throws IOException {
        this.client = client;
        address =
                client.getRemoteAddress() instanceof InetSocketAddress peer
                        ? Optional.of(peer.getAddress())
                        : Optional.empty();
    }

    SocketChannel client() {
        return client;
    }

    /** Where the peer is, unless a relay on this host handed the connection on. */
    Optional<InetAddress> address() {
        return address;
    }

    /** From now on: {@code what} must be over in time. */
    void within(Duration time, String what) {
        awaited = what;
        serviceAwaited = false;
        deadlineNanos = System.nanoTime() + time.toNanos();
    }

    /** From now on the daemon must answer in time, or the client is told that it did not. */
    void serviceWithin(Duration time) {
        within(time, "the answer");
        serviceAwaited = true;
    }

    void withoutDeadline() {
        deadlineNanos = NONE;
    }

    boolean isOverdue(long nowNanos) {
        long deadline = deadlineNanos;
        return deadline != NONE && nowNanos - deadline > 0;
    }

    void authenticated(List<Shown> good) {
        chain = good;
    }

    /** The chain that it was let in with; empty before. */
    List<Shown> chain() {
        return chain;
    }

    void talksTo(Channel service) {
        daemon = service;
        if (cut.get()) {
            close(service);
        }
    }

    boolean isCut() {
        return cut.get();
    }

    /** Ends what is overdue; true for the first time. */
    boolean overdue() {
        Channel service = daemon;
        if (serviceAwaited && service != null) {
            withoutDeadline();
            close(service);
            return true;
        }
        return cut(awaited + " took too long");
    }

    /** Ends it at once, whatever it does; false where that has been done. */
    boolean cut(String why) {
        boolean first = cut.compareAndSet(false, true);
        if (first) {
            Log.LOG.info(
                    "cutting a connection{}: {}",
                    address.map(a -> " from " + a.getHostAddress()).orElse(""),
                    why);
            close(client);
            Channel service = daemon;
            if (service != null) {
                close(service);
            }
        }
        return first;
    }

    private static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // Nobody is left to be told.
        }
    }
}
