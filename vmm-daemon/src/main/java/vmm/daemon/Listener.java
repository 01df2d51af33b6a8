package vmm.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.os.InheritedSocket;

/**
 * A Unix or TCP socket that gives each connection a thread, a virtual one unless told otherwise.
 *
 * <p>It never takes the socket of a daemon that is alive, and no lack of descriptors ends it.
 */
public final class Listener implements AutoCloseable {
    /** A burst of clients waits instead of being refused. */
    public static final int BACKLOG = 1024;

    /** One more waits in the backlog until another ends: memory and descriptors have an end. */
    public static final int CONNECTIONS_MAX = 2048;

    /** The wait after the system had no descriptor for another connection. */
    private static final Duration EXHAUSTED_WAIT = Duration.ofMillis(50);

    /** Where systemd's descriptors start (sd_listen_fds). */
    private static final int FIRST_INHERITED = 3;

    private static final Logger LOG = LogManager.getLogger(Listener.class);

    /** Talks to one client; the channel is closed when it returns or throws. */
    public interface Service {
        void serve(SocketChannel client) throws IOException;
    }

    private final ServerSocketChannel channel;
    private final Optional<Path> path;
    private final String name;
    private final Semaphore room = new Semaphore(0);

    /**
     * @param path what goes when this closes: not the socket of systemd, which goes on listening
     */
    private Listener(ServerSocketChannel channel, Optional<Path> path, String name) {
        this.channel = channel;
        this.path = path;
        this.name = name;
    }

    /**
     * Listens on a TCP address.
     *
     * @param address port 0 for any that is free, see {@link #port}
     */
    public static Listener openTcp(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("there is no host " + address.getHostString());
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.bind(address, BACKLOG);
            var bound = (InetSocketAddress) channel.getLocalAddress();
            return new Listener(
                    channel, Optional.empty(), bound.getHostString() + ":" + bound.getPort());
        } catch (IOException e) {
            channel.close();
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** The TCP port, or 0 for a Unix socket. */
    public int port() throws IOException {
        return channel.getLocalAddress() instanceof InetSocketAddress tcp ? tcp.getPort() : 0;
    }

    /**
     * Listens on {@code path}, whose folder is made where it is missing.
     *
     * @throws IOException if another daemon answers there, or the place cannot be used
     */
    public static Listener open(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (Files.exists(path)) {
            if (answers(path)) {
                throw new IOException("another daemon is listening on " + path + ": stop it first");
            }
            if (Files.isRegularFile(path)) {
                throw new IOException(path + " is no socket: move it away, or name another path");
            }
            Files.delete(path);
        }
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
            return new Listener(channel, Optional.of(path), String.valueOf(path.getFileName()));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Takes the one socket that systemd handed down (descriptor 3).
     *
     * @throws IOException if none was handed down to this process
     */
    public static Listener activated(Path path) throws IOException {
        String pid = System.getenv("LISTEN_PID");
        if (!String.valueOf(ProcessHandle.current().pid()).equals(pid)
                || !"1".equals(System.getenv("LISTEN_FDS"))) {
            throw new IOException(
                    "systemd handed down no socket: start this from a socket unit with one"
                            + " ListenStream, or without --systemd-socket-activation");
        }
        InheritedSocket.moveToStandardInput(FIRST_INHERITED);
        if (System.inheritedChannel() instanceof ServerSocketChannel channel) {
            return new Listener(channel, Optional.empty(), String.valueOf(path.getFileName()));
        }
        throw new IOException("descriptor " + FIRST_INHERITED + " is no listening socket");
    }

    private static boolean answers(Path path) {
        try (var probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }

    /** Starts to accept, on a thread of its own. */
    public void start(Service service) {
        start(service, CONNECTIONS_MAX);
    }

    /**
     * Starts to accept, on a thread of its own.
     *
     * @param connectionsMax how many may be served at a time; one more waits in the backlog
     */
    public void start(Service service, int connectionsMax) {
        start(service, connectionsMax, Thread::startVirtualThread);
    }

    /**
     * Starts to accept, on a thread of its own.
     *
     * @param connectionsMax how many may be served at a time; one more waits in the backlog
     * @param threads runs each connection on a thread of its own
     */
    public void start(Service service, int connectionsMax, Executor threads) {
        room.release(connectionsMax);
        Thread.ofPlatform().name("listen " + name).start(() -> accept(service, threads));
    }

    private void accept(Service service, Executor threads) {
        try {
            Logging.load();
            while (true) {
                room.acquireUninterruptibly();
                acceptOne(service, threads);
            }
        } catch (ClosedChannelException stopped) {
            return;
        } catch (RuntimeException | Error bug) {
            // A daemon that runs and does not listen would be worse than one that init restarts.
            Stopping.onBug("listening on " + name, bug);
        }
    }

    private void acceptOne(Service service, Executor threads) throws ClosedChannelException {
        try {
            SocketChannel client = channel.accept();
            threads.execute(() -> serve(service, client));
        } catch (ClosedChannelException stopped) {
            throw stopped;
        } catch (IOException e) {
            room.release();
            LOG.warn("cannot accept on {}: {}", name, e.getMessage());
            LockSupport.parkNanos(EXHAUSTED_WAIT.toNanos());
        }
    }

    private void serve(Service service, SocketChannel client) {
        try (client) {
            if (client.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            service.serve(client);
        } catch (IOException e) {
            LOG.debug("connection ended: {}", e.getMessage());
        } catch (RuntimeException | Error bug) {
            Stopping.onBug("a connection", bug);
        } finally {
            room.release();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        room.release();
        if (path.isPresent()) {
            Files.deleteIfExists(path.get());
        }
    }
}
