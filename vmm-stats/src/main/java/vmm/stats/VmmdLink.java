package vmm.stats;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Name;
import vmm.daemon.ServiceConnection;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;

/**
 * The connection to vmmd, made again whenever it is lost. We ask {@code initial} and then the roles
 * are swapped: vmmd tells what runs, and hears that it was understood (BEHAVIOUR 10).
 */
final class VmmdLink {
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Logger LOG = LogManager.getLogger(VmmdLink.class);

    private final Path socket;
    private final Shell shell;
    private volatile boolean connected;

    VmmdLink(Path socket, Shell shell) {
        this.socket = socket;
        this.shell = shell;
    }

    boolean isConnected() {
        return connected;
    }

    /** Starts its thread, which ends when it is interrupted. */
    Thread start() {
        return Thread.ofVirtual().name("vmmd").start(this::keep);
    }

    private void keep() {
        boolean told = false;
        try {
            while (true) {
                try {
                    serve();
                    told = false;
                } catch (ClosedByInterruptException _) {
                    return; // It is stopped.
                } catch (IOException e) {
                    if (!told) {
                        LOG.warn("no vmmd on {}: {}", socket, e.getMessage());
                    }
                    told = true;
                }
                Thread.sleep(RETRY);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            var connection = new ServiceConnection(channel);
            connection.send(Message.asking(Header.of(Name.ROOT), new Command.StatsInitial()));
            try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                if (received == null
                        || !(received.message().payload()
                                instanceof Message.Payload.Done(Success.Empty()))) {
                    throw new IOException("it does not take us for its statistics");
                }
            }
            LOG.info("vmmd tells what runs");
            connected = true;
            new StatsClient(connection).serve(shell);
            LOG.info("vmmd is gone");
        } finally {
            connected = false;
        }
    }
}
