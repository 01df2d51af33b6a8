package vmm.stats;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Name;
import vmm.daemon.http.HttpClient;
import vmm.stats.core.Facts;
import vmm.wire.supervisor.Fields;
import vmm.wire.supervisor.JsonException;

/** What vmmd's control socket says of unikernels. albatross's vmmd has none. */
final class VmmdControl implements AutoCloseable {
    private static final Duration WAIT_MAX = Duration.ofSeconds(5);
    private static final int OK = 200;
    private static final Logger LOG = LogManager.getLogger(VmmdControl.class);

    private final HttpClient client;

    VmmdControl(Path socket) {
        client = new HttpClient(socket);
    }

    /** Nothing where it is not there, or cannot be understood. */
    List<Facts.Doing> ask() {
        try {
            HttpClient.Reply reply = client.get("/unikernels", WAIT_MAX);
            if (reply.status() != OK) {
                throw new IOException("it answers " + reply.status());
            }
            return parse(reply.body().toArray());
        } catch (IOException | JsonException e) {
            LOG.debug("vmmd's control socket says nothing: {}", e.getMessage());
            return List.of();
        }
    }

    static List<Facts.Doing> parse(byte[] json) throws JsonException {
        var doings = new ArrayList<Facts.Doing>();
        for (Fields unikernel : Fields.parse(json).objects("unikernels")) {
            String name = unikernel.textOrEmpty("name");
            if (Name.problem(name).isPresent()) {
                throw new JsonException("'" + name + "' is no name");
            }
            doings.add(
                    new Facts.Doing(
                            Name.parse(name),
                            unikernel.textOrEmpty("state"),
                            unikernel.count("failures").orElse(0),
                            unikernel.textOrEmpty("reason"),
                            unikernel.time("next_start").map(OffsetDateTime::toInstant)));
        }
        return doings;
    }

    @Override
    public void close() {
        client.close();
    }
}
