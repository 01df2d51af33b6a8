package vmm.vmmd;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Name;
import vmm.daemon.ServiceConnection;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;

/**
 * The connections of vmm-stats, on which vmmd tells what runs. Telling never waits: a peer that
 * does not keep up is let go, and hears of everything when it connects again.
 */
final class StatsPeers {
    private static final Logger LOG = LogManager.getLogger(StatsPeers.class);
    private static final int TELLINGS_MAX = 4096;

    private record Telling(Name name, Command.Statistics command) {}

    private final Map<Name, Command.StatsAdd> running = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<ArrayBlockingQueue<Telling>> peers =
            new CopyOnWriteArrayList<>();

    /** Tells all peers. Never waits. */
    void tell(Name name, Command.Statistics command) {
        if (command instanceof Command.StatsAdd add) {
            running.put(name, add);
        } else {
            running.remove(name);
        }
        for (ArrayBlockingQueue<Telling> peer : peers) {
            if (!peer.offer(new Telling(name, command))) {
                LOG.warn("a statistics peer does not keep up: it hears no more");
                peers.remove(peer);
            }
        }
    }

    /** Serves a peer on its own thread until it closes. */
    void serve(ServiceConnection connection) throws IOException, InterruptedException {
        var queue = new ArrayBlockingQueue<Telling>(TELLINGS_MAX);
        running.forEach((name, add) -> queue.offer(new Telling(name, add)));
        peers.add(queue);
        try {
            while (true) {
                Telling next = queue.take();
                connection.send(Message.asking(Header.of(next.name()), next.command()));
                try (var answer = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                    if (answer == null) {
                        return;
                    }
                }
            }
        } finally {
            peers.remove(queue);
        }
    }
}
