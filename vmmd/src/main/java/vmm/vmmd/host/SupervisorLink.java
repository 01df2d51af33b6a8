package vmm.vmmd.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import vmm.core.ExitStatus;
import vmm.core.Name;
import vmm.daemon.http.HttpClient;
import vmm.vmmd.core.Unikernel.Limits;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.CycleResponse;
import vmm.wire.supervisor.Deadline;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.ExecResponse;
import vmm.wire.supervisor.FreezeRequest;
import vmm.wire.supervisor.JsonException;
import vmm.wire.supervisor.KillRequest;
import vmm.wire.supervisor.LimitsRequest;
import vmm.wire.supervisor.StartResponse;
import vmm.wire.supervisor.StopRequest;
import vmm.wire.supervisor.SupervisorError;
import vmm.wire.supervisor.TerminateRequest;

/** vmmd's side of the Supervisor contract: a domain per unikernel. Any thread. */
public final class SupervisorLink implements AutoCloseable {
    /** The one process of a unikernel's domain. */
    public static final String TENDER = "tender";

    private static final Duration CALL_MAX = Duration.ofSeconds(20);
    private static final Duration STOP_MAX = Duration.ofSeconds(10);

    /** The supervisor sends heartbeats much more often. */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    private static final String NO_SUCH_ENTITY = "no_such_entity";

    private final HttpClient http;
    private final Path socket;

    public SupervisorLink(Path socket) {
        this.socket = socket;
        http = new HttpClient(socket);
    }

    /** The supervisor refused. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        private final boolean unknown;

        Refused(boolean unknown, String message) {
            super(message);
            this.unknown = unknown;
        }
    }

    private byte[] post(String path, byte[] json, Duration deadline) throws IOException {
        HttpClient.Reply reply;
        try {
            reply = http.post(path, json, deadline);
        } catch (IOException e) {
            throw new IOException(
                    "vmm-supervisor at " + socket + " cannot be asked: " + e.getMessage(), e);
        }
        return body(reply);
    }

    private static byte[] body(HttpClient.Reply reply) throws IOException {
        byte[] body = reply.body().toArray();
        if (reply.status() == 200) {
            return body;
        }
        String text = new String(body, StandardCharsets.UTF_8);
        try {
            String said = SupervisorError.parse(body).message();
            throw new Refused(text.contains(NO_SUCH_ENTITY), said == null ? text : said);
        } catch (JsonException e) {
            throw new IOException("vmm-supervisor answered " + reply.status() + ": " + text, e);
        }
    }

    private static IOException unreadable(JsonException e) {
        return new IOException("vmm-supervisor is not understood: " + e.getMessage(), e);
    }

    /** Makes the domain and its taps: the unikernel's name of each device to its tap. */
    public Map<String, String> start(ConfigureRequest domain) throws IOException {
        post("/configure", domain.json(), CALL_MAX);
        try {
            return StartResponse.parse(
                            post("/start", new DomainRequest(domain.domain()).json(), CALL_MAX))
                    .taps();
        } catch (JsonException e) {
            throw unreadable(e);
        }
    }

    /** Starts the tender in the domain. */
    public ExecResponse exec(
            Name name, Path tender, List<String> arguments, Path output, List<Long> cpus)
            throws IOException {
        var request =
                ExecRequest.of(
                                name.toString(),
                                TENDER,
                                tender.toString(),
                                arguments,
                                Optional.of(output.toString()),
                                cpus)
                        .within(Tenders.environment());
        try {
            return ExecResponse.parse(post("/exec", request.json(), CALL_MAX));
        } catch (JsonException e) {
            throw unreadable(e);
        }
    }

    public void terminate(Name name) throws IOException {
        post("/terminate", new TerminateRequest(TENDER, name.toString()).json(), CALL_MAX);
    }

    /**
     * Stops it where it is, and tells what it used since it was started or thawed.
     *
     * @param untilTraffic whether a frame for one of its taps thaws it
     */
    public CycleResponse freeze(Name name, boolean untilTraffic) throws IOException {
        var request = new FreezeRequest(name.toString(), untilTraffic);
        try {
            return CycleResponse.parse(post("/freeze", request.json(), CALL_MAX));
        } catch (JsonException e) {
            throw unreadable(e);
        }
    }

    public void thaw(Name name) throws IOException {
        post("/thaw", new DomainRequest(name.toString()).json(), CALL_MAX);
    }

    /** New ceilings for what runs; refused as a whole where it uses more memory now. */
    public void limit(Name name, Limits limits) throws IOException {
        var request = new LimitsRequest(name.toString(), profile(limits));
        post("/limits", request.json(), CALL_MAX);
    }

    /** The ceilings that a control group keeps. */
    static CgroupProfile profile(Limits limits) {
        return new CgroupProfile(
                limits.cpus(), limits.memoryBytes(), limits.readBytes(), limits.writeBytes());
    }

    public void kill(Name name) throws IOException {
        var deadline = Deadline.at(Instant.now().plus(STOP_MAX));
        post("/kill", new KillRequest(TENDER, name.toString(), deadline).json(), CALL_MAX);
    }

    /** Ends whatever the domain still has and forgets it; done already is fine. */
    public void remove(String domain) throws IOException {
        var deadline = Deadline.at(Instant.now().plus(STOP_MAX));
        try {
            post("/stop", new StopRequest(domain, deadline).json(), CALL_MAX);
        } catch (Refused e) {
            if (!e.unknown) {
                // Configured and never started: there is nothing to stop.
                org.apache.logging.log4j.LogManager.getLogger(SupervisorLink.class)
                        .debug("stopping {}: {}", domain, e.getMessage());
            }
        }
        try {
            post("/remove", new DomainRequest(domain).json(), CALL_MAX);
        } catch (Refused e) {
            if (!e.unknown) {
                throw e;
            }
        }
    }

    public List<DomainsResponse.Domain> domains() throws IOException {
        try {
            return DomainsResponse.parse(body(http.get("/domains", CALL_MAX))).domains();
        } catch (JsonException e) {
            throw unreadable(e);
        }
    }

    /** Hears of every end of a process. */
    public interface Listener {
        void ended(Name name, ExitStatus how);

        /** A frame came for what was paused until then. */
        void thawed(Name name);

        /** Some ends could not be kept: only {@link #domains} tells now. */
        void lost();
    }

    /** Hears events until the connection ends. */
    public void follow(Listener listener) throws IOException {
        try (HttpClient.LineStream lines = http.lines("/events", SILENCE_MAX)) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                EventData data = Event.parse(line.getBytes(StandardCharsets.UTF_8)).data();
                String domain = data.domain();
                if (data.type().equals(EventData.LOSS)) {
                    listener.lost();
                } else if (data.type().equals(EventData.THAWED)) {
                    if (domain != null && Name.problem(domain).isEmpty()) {
                        listener.thawed(Name.parse(domain));
                    }
                } else if (domain != null && Name.problem(domain).isEmpty()) {
                    listener.ended(Name.parse(domain), status(data));
                }
            }
        } catch (JsonException e) {
            throw unreadable(e);
        }
    }

    public static ExitStatus status(EventData data) {
        if (EventData.OOM_KILLED.equals(data.cause())) {
            return new ExitStatus.OutOfMemory();
        }
        Integer status = data.exitStatus();
        if (status != null) {
            return new ExitStatus.Exited(status);
        }
        Integer signal = data.signo();
        return signal == null ? new ExitStatus.Unknown() : new ExitStatus.Signalled(signal);
    }

    @Override
    public void close() {
        http.close();
    }
}
