package vmm.stats;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.daemon.http.HttpClient;
import vmm.stats.linux.Guard;
import vmm.wire.supervisor.FiguresResponse;
import vmm.wire.supervisor.JsonException;

/** Asks vmm-supervisor for what the kernel tells root alone of confined tenders. */
final class SupervisorLink implements Guard, AutoCloseable {
    /** A supervisor that hangs must not hold up the samples for long. */
    private static final Duration WAIT_MAX = Duration.ofMillis(500);

    private static final int OK = 200;
    private static final Logger LOG = LogManager.getLogger(SupervisorLink.class);

    private final HttpClient client;

    SupervisorLink(Path socket) {
        client = new HttpClient(socket);
    }

    @Override
    public List<FiguresResponse.Process> figures(List<Long> pids) {
        try {
            HttpClient.Reply reply = client.get(FiguresResponse.path(pids), WAIT_MAX);
            if (reply.status() != OK) {
                throw new IOException("it answers " + reply.status());
            }
            return FiguresResponse.parse(reply.body().toArray()).processes();
        } catch (IOException | JsonException e) {
            LOG.debug("no block bytes and KVM counters: {}", e.getMessage());
            return List.of();
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
