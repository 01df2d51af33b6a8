import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import vmm.daemon.http.HttpClient;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.Deadline;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.KillRequest;
import vmm.wire.supervisor.StopRequest;

static final Duration PATIENCE = Duration.ofSeconds(10);
static final String DOMAIN = "training";

/**
 * Leads a domain through its life once, for the AOT cache of the vmm-supervisor that is being trained.
 * Without root some calls are refused, which trains that. {@code java TrainSupervisor.java SOCKET}
 */
void main(String[] arguments) throws IOException {
    byte[] named = new DomainRequest(DOMAIN).json();
    var deadline = Deadline.at(Instant.now().plus(PATIENCE));
    try (var client = new HttpClient(Path.of(arguments[0]))) {
        client.post(
                "/configure",
                ConfigureRequest.of(DOMAIN, List.of(), Optional.empty()).json(),
                PATIENCE);
        client.post("/start", named, PATIENCE);
        client.post(
                "/exec",
                ExecRequest.of(
                                DOMAIN,
                                "sleep",
                                "/bin/sleep",
                                List.of("100"),
                                Optional.empty(),
                                List.of())
                        .json(),
                PATIENCE);
        client.post("/freeze", named, PATIENCE);
        client.post("/thaw", named, PATIENCE);
        client.post("/kill", new KillRequest("sleep", DOMAIN, deadline).json(), PATIENCE);
        try (var events = client.lines("/events?domain=" + DOMAIN, PATIENCE)) {
            events.next();
        }
        client.post("/stop", new StopRequest(DOMAIN, deadline).json(), PATIENCE);
        client.post("/remove", named, PATIENCE);
    }
}
