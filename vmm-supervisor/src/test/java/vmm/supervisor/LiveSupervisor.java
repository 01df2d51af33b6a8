package vmm.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import vmm.daemon.CoreLoop;
import vmm.daemon.Listener;
import vmm.daemon.http.HttpClient;
import vmm.daemon.http.HttpServer;
import vmm.os.Cgroups;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.Deadline;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.ExecResponse;
import vmm.wire.supervisor.KillRequest;
import vmm.wire.supervisor.StopRequest;
import vmm.wire.supervisor.SupervisorError;

/** A supervisor in this process, behind its real socket, and a client of it. */
final class LiveSupervisor {
    static final Duration PATIENCE = Duration.ofSeconds(10);

    final Host host;
    final HttpClient client;
    private final CoreLoop<Runnable> loop = new CoreLoop<>("supervisor", Runnable::run);
    private final HttpServer server;
    private final Listener listener;

    LiveSupervisor(Path folder) throws IOException {
        Cgroups cgroups = Cgroups.open("vmm-test-" + ProcessHandle.current().pid());
        host = new LinuxHost(cgroups, folder);
        var clock = Clock.systemUTC();
        var records = new Records(folder.resolve("records"));
        var work = new Work(Thread::startVirtualThread, loop::submit);
        var supervisor = new Supervisor(host, new Events(clock), clock, "boot", work, records);
        var adoption = new Adoption(host, records.load("boot"));
        loop.submit(() -> supervisor.adopt(adoption));
        var core =
                new Api.Core() {
                    @Override
                    public <T> CompletableFuture<T> ask(Function<Supervisor, T> question) {
                        var answer = new CompletableFuture<T>();
                        loop.submit(() -> answer.complete(question.apply(supervisor)));
                        return answer;
                    }
                };
        server = new HttpServer(new Api(core, clock, 0));
        Path socket = folder.resolve("supervisor.sock");
        listener = Listener.open(socket);
        loop.start();
        listener.start(server);
        client = new HttpClient(socket);
    }

    HttpClient.Reply post(String path, byte[] json) throws IOException {
        return client.post(path, json, PATIENCE);
    }

    void started(ConfigureRequest request) throws IOException {
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

    HttpClient.Reply call(String path, String domain) throws IOException {
        return post(path, new DomainRequest(domain).json());
    }

    HttpClient.Reply exec(String domain, String name, String script) throws IOException {
        return exec(domain, name, script, Optional.empty());
    }

    HttpClient.Reply exec(String domain, String name, String script, Optional<String> output)
            throws IOException {
        return post(
                "/exec",
                ExecRequest.of(domain, name, "/bin/sh", List.of("-c", script), output, List.of())
                        .json());
    }

    static long pid(HttpClient.Reply exec) throws Exception {
        return ExecResponse.parse(ok(exec)).pid();
    }

    HttpClient.Reply kill(String domain, String name, Duration patience) throws IOException {
        var deadline = Deadline.at(Instant.now().plus(patience));
        return post("/kill", new KillRequest(name, domain, deadline).json());
    }

    HttpClient.Reply stop(String domain, Duration patience) throws IOException {
        var deadline = Deadline.at(Instant.now().plus(patience));
        return post("/stop", new StopRequest(domain, deadline).json());
    }

    static SupervisorError error(HttpClient.Reply reply) throws Exception {
        return SupervisorError.parse(reply.body().toArray());
    }

    /** The next event of a domain. */
    Event event(String domain) throws Exception {
        try (var lines = client.lines("/events?domain=" + domain, PATIENCE)) {
            return event(lines);
        }
    }

    static Event event(HttpClient.LineStream lines) throws Exception {
        String line = lines.next();
        if (line == null) {
            throw new AssertionError("the stream ended");
        }
        return Event.parse(line.getBytes(StandardCharsets.UTF_8));
    }

    /** Ends without stopping anything, as a crash does. */
    void abandon() throws Exception {
        client.close();
        listener.close();
        server.close();
        loop.stop();
    }

    void close() throws Exception {
        for (String domain : List.of("d", "e", "f")) {
            stop(domain, PATIENCE);
        }
        abandon();
        host.close();
    }
}
