package vmm.daemon.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The face of a {@link Socket} on a Unix channel. Reads have no timeout of their own: a deadline
 * closes the channel, so that a peer that dribbles is cut, too.
 */
final class ChannelSocket extends Socket {
    private static final Logger LOG = LogManager.getLogger(ChannelSocket.class);

    private final SocketChannel channel;
    private final ScheduledExecutorService deadlines;
    private final InputStream in;
    private final OutputStream out;
    private volatile boolean late;

    /** When the channel is closed, by {@link System#nanoTime}, while {@link #bounded}. */
    private long closeAt;

    private boolean bounded;

    /** The next look at {@link #closeAt}: deadlines move with every call, and few are met. */
    private @Nullable Future<?> look;

    private long lookAt;

    ChannelSocket(SocketChannel channel, ScheduledExecutorService deadlines) {
        this.channel = channel;
        this.deadlines = deadlines;
        in = Channels.newInputStream(channel);
        out = Channels.newOutputStream(channel);
    }

    /** Closes the channel after {@code time} unless told otherwise before. */
    synchronized void closeAfter(Duration time) {
        closeAt = System.nanoTime() + time.toNanos();
        bounded = true;
        if (look == null || lookAt - closeAt > 0) {
            lookLater();
        }
    }

    private void lookLater() {
        stopLooking();
        lookAt = closeAt;
        try {
            look =
                    deadlines.schedule(
                            this::look, closeAt - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopping) {
            closeLate();
        }
    }

    private synchronized void look() {
        look = null;
        if (bounded && closeAt - System.nanoTime() > 0) {
            lookLater();
        } else if (bounded) {
            closeLate();
        }
    }

    private void closeLate() {
        late = true;
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("cannot close: {}", e.getMessage());
        }
    }

    synchronized void closeNever() {
        bounded = false;
    }

    private synchronized void stopLooking() {
        if (look != null) {
            look.cancel(false);
            look = null;
        }
    }

    /** The failure as its cause: the deadline if that closed the channel. */
    IOException cause(IOException failure) {
        if (!late) {
            return failure;
        }
        var timeout = new SocketTimeoutException("no answer in time");
        timeout.addSuppressed(failure);
        return timeout;
    }

    /** True if the peer has closed, or said something nobody asked for. Nobody may be reading. */
    boolean isStale() {
        try {
            channel.configureBlocking(false);
            int got = channel.read(ByteBuffer.allocate(1));
            channel.configureBlocking(true);
            return got != 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public InputStream getInputStream() {
        return in;
    }

    @Override
    public OutputStream getOutputStream() {
        return out;
    }

    @Override
    public void close() throws IOException {
        stopLooking();
        channel.close();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public void shutdownInput() throws IOException {
        channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void setSoTimeout(int millis) {}

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public void setSoLinger(boolean on, int seconds) {}

    @Override
    public @Nullable InetAddress getInetAddress() {
        return null;
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return null;
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        return null;
    }
}
