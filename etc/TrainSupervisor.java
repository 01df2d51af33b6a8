import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import vmm.daemon.http.HttpClient;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ConfigureRequest.Owner;
import vmm.wire.supervisor.ConfigureRequest.Sandbox;
import vmm.wire.supervisor.Deadline;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.KillRequest;
import vmm.wire.supervisor.StopRequest;

static final Duration PATIENCE = Duration.ofSeconds(10);

/**
 * Leads a plain domain and one that is shut in as tenders are through their lives once, for the AOT
 * cache of the vmm-supervisor that is being trained. Without root some calls are refused, which trains
 * that. {@code java TrainSupervisor.java SOCKET}
 */
void main(String[] arguments) throws IOException {
    var program = Path.of("/bin/sleep").toRealPath().toString();
    var plain = ConfigureRequest.of("plain", List.of(), Optional.empty());
    var shut =
            ConfigureRequest.of("shut", List.of(), Optional.empty())
                    .withLimits(new CgroupProfile(1, 64 << 20))
                    .confined(
                            new Owner(2_100_000, 2_100_000),
                            List.of(program),
                            List.of(),
                            "tender",
                            new Sandbox(List.of("null"), true, 64, 500, 0));
    try (var client = new HttpClient(Path.of(arguments[0]))) {
        live(client, "plain", plain, program);
        live(client, "shut", shut, program);
    }
}

void live(HttpClient client, String domain, ConfigureRequest configuration, String program)
        throws IOException {
    byte[] named = new DomainRequest(domain).json();
    var deadline = Deadline.at(Instant.now().plus(PATIENCE));
    client.post("/configure", configuration.json(), PATIENCE);
    client.post("/start", named, PATIENCE);
    client.post(
            "/exec",
            ExecRequest.of(
                            domain, "sleep", program, List.of("100"), Optional.empty(), List.of())
                    .json(),
            PATIENCE);
    client.post("/freeze", named, PATIENCE);
    client.post("/thaw", named, PATIENCE);
    var kill = client.post("/kill", new KillRequest("sleep", domain, deadline).json(), PATIENCE);
    if (kill.status() == 200) {
        try (var events = client.lines("/events?domain=" + domain, PATIENCE)) {
            events.next();
        }
    }
    client.post("/stop", new StopRequest(domain, deadline).json(), PATIENCE);
    client.post("/remove", named, PATIENCE);
}
