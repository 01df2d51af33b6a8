package vmm.stats.page;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Name;
import vmm.daemon.ServiceConnection;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;

/**
 * The last lines of a console, asked of vmm-console as any subscriber does. Who says at once that
 * it has heard enough takes no place there. One at a time.
 */
public final class ConsoleTail {
    private static final int LINES_MAX = 20;

    /** The history comes at once, and then the end; who does not end is not waited for. */
    private static final Duration WAIT_MAX = Duration.ofMillis(300);

    private static final Logger LOG = LogManager.getLogger(ConsoleTail.class);

    private final ReentrantLock one = new ReentrantLock();
    private final Path socket;

    public ConsoleTail(Path socket) {
        this.socket = socket;
    }

    List<Data.ConsoleLine> of(Name name) {
        one.lock();
        try {
            return ask(name);
        } finally {
            one.unlock();
        }
    }

    private List<Data.ConsoleLine> ask(Name name) {
        var lines = new ArrayList<Data.ConsoleLine>();
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Thread watch = Thread.ofVirtual().start(() -> closeLater(channel));
            try {
                var connection = new ServiceConnection(channel);
                var history = new Command.History.Count(LINES_MAX);
                connection.send(
                        Message.asking(
                                Header.of(name), new Command.ConsoleSubscribe(false, history)));
                channel.shutdownOutput();
                read(connection, lines);
            } finally {
                watch.interrupt();
            }
        } catch (IOException over) {
            LOG.debug("the console of {}: {}", name, over.getMessage());
        }
        return lines;
    }

    private static void read(ServiceConnection connection, List<Data.ConsoleLine> lines)
            throws IOException {
        while (lines.size() < LINES_MAX) {
            try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                if (received == null) {
                    return;
                }
                if (received.message().payload()
                        instanceof Message.Payload.Told(Data.ConsoleLine line)) {
                    lines.add(line);
                }
            }
        }
    }

    private static void closeLater(SocketChannel channel) {
        try {
            Thread.sleep(WAIT_MAX);
            channel.close();
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        }
    }
}
