package vmm.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import vmm.daemon.http.HttpClient;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.Deadline;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.ExecResponse;
import vmm.wire.supervisor.JsonException;
import vmm.wire.supervisor.KillRequest;
import vmm.wire.supervisor.StopRequest;
import vmm.wire.supervisor.SupervisorError;

/** The calls of the contract, as tests make them. */
interface Calls {
    Duration PATIENCE = Duration.ofSeconds(20);

    HttpClient client();

    default HttpClient.Reply post(String path, byte[] json) throws IOException {
        return client().post(path, json, PATIENCE);
    }

    default void started(ConfigureRequest request) throws IOException {
        ok(post("/configure", request.json()));
        ok(call("/start", request.domain()));
    }

    static ConfigureRequest plain(String domain) {
        return ConfigureRequest.of(domain, List.of(), Optional.empty());
    }

    static byte[] ok(HttpClient.Reply reply) {
        byte[] body = reply.body().toArray();
        if (reply.status() != 200) {
            throw new AssertionError(new String(body, StandardCharsets.UTF_8));
        }
        return body;
    }

    default HttpClient.Reply call(String path, String domain) throws IOException {
        return post(path, new DomainRequest(domain).json());
    }

    default HttpClient.Reply exec(String domain, String name, String script) throws IOException {
        return exec(domain, name, script, Optional.empty());
    }

    default HttpClient.Reply exec(
            String domain, String name, String script, Optional<String> output) throws IOException {
        return post(
                "/exec",
                ExecRequest.of(domain, name, "/bin/sh", List.of("-c", script), output, List.of())
                        .json());
    }

    static long pid(HttpClient.Reply exec) throws Exception {
        return ExecResponse.parse(ok(exec)).pid();
    }

    default HttpClient.Reply kill(String domain, String name, Duration patience)
            throws IOException {
        var deadline = Deadline.at(Instant.now().plus(patience));
        return post("/kill", new KillRequest(name, domain, deadline).json());
    }

    default HttpClient.Reply stop(String domain, Duration patience) throws IOException {
        var deadline = Deadline.at(Instant.now().plus(patience));
        return post("/stop", new StopRequest(domain, deadline).json());
    }

    static SupervisorError error(HttpClient.Reply reply) throws Exception {
        return SupervisorError.parse(reply.body().toArray());
    }

    /** The next event of a domain, which must come soon. */
    default Event event(String domain) throws Exception {
        var next = new CompletableFuture<Event>();
        try (var lines = client().lines("/events?domain=" + domain, PATIENCE)) {
            Thread.startVirtualThread(
                    () -> {
                        try {
                            next.complete(event(lines));
                        } catch (IOException | JsonException | AssertionError e) {
                            next.completeExceptionally(e);
                        }
                    });
            return next.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    static Event event(HttpClient.LineStream lines) throws IOException, JsonException {
        String line = lines.next();
        if (line == null) {
            throw new AssertionError("the stream ended");
        }
        return Event.parse(line.getBytes(StandardCharsets.UTF_8));
    }
}
