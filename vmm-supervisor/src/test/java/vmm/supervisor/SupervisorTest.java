package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
import vmm.wire.supervisor.KillRequest;
import vmm.wire.supervisor.StopRequest;
import vmm.wire.supervisor.SupervisorError;
import vmm.wire.supervisor.SupervisorError.Kind;
import vmm.wire.supervisor.TerminateRequest;

/** Real processes behind the real socket. */
class SupervisorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir private Path folder;
    private final CoreLoop<Runnable> loop = new CoreLoop<>("supervisor", Runnable::run);
    private Host host;
    private HttpServer server;
    private Listener listener;
    private HttpClient client;

    @BeforeEach
    void open() throws IOException {
        host = new LinuxHost(Cgroups.open("vmm-test-" + ProcessHandle.current().pid()), folder);
        var clock = Clock.systemUTC();
        var events = new Events(clock);
        var work = new Work(Thread::startVirtualThread, loop::submit);
        var supervisor =
                new Supervisor(
                        host, events, clock, "boot", work, new Records(folder.resolve("records")));
        server =
                new HttpServer(
                        new Api(
                                new Api.Core() {
                                    @Override
                                    public <T> CompletableFuture<T> ask(
                                            Function<Supervisor, T> question) {
                                        var answer = new CompletableFuture<T>();
                                        loop.submit(
                                                () -> answer.complete(question.apply(supervisor)));
                                        return answer;
                                    }
                                },
                                clock,
                                0));
        Path socket = folder.resolve("supervisor.sock");
        listener = Listener.open(socket);
        loop.start();
        listener.start(server);
        client = new HttpClient(socket);
    }

    @AfterEach
    void close() throws Exception {
        stop("d", PATIENCE);
        client.close();
        listener.close();
        server.close();
        loop.stop();
        host.close();
    }

    private HttpClient.Reply post(String path, byte[] json) throws IOException {
        return client.post(path, json, PATIENCE);
    }

    private void started() throws IOException {
        post("/configure", ConfigureRequest.of("d", List.of(), Optional.empty()).json());
        assertThat(post("/start", new DomainRequest("d").json()).status()).isEqualTo(200);
    }

    private HttpClient.Reply exec(String name, String script) throws IOException {
        return post(
                "/exec",
                ExecRequest.of(
                                "d",
                                name,
                                "/bin/sh",
                                List.of("-c", script),
                                Optional.empty(),
                                List.of())
                        .json());
    }

    private HttpClient.Reply kill(String name, Duration patience) throws IOException {
        var deadline = Deadline.at(Instant.now().plus(patience));
        return post("/kill", new KillRequest(name, "d", deadline).json());
    }

    private HttpClient.Reply stop(String domain, Duration patience) throws IOException {
        var deadline = Deadline.at(Instant.now().plus(patience));
        return post("/stop", new StopRequest(domain, deadline).json());
    }

    private static SupervisorError error(HttpClient.Reply reply) throws Exception {
        return SupervisorError.parse(reply.body().toArray());
    }

    private Event event(HttpClient.LineStream lines) throws Exception {
        String line = lines.next();
        if (line == null) {
            throw new AssertionError("the stream ended");
        }
        return Event.parse(line.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void calls_areRefused_whereTheStateForbids() throws Exception {
        assertThat(error(exec("a", "true")).kind()).isEqualTo(Kind.NO_SUCH_ENTITY);
        post("/configure", ConfigureRequest.of("d", List.of(), Optional.empty()).json());
        assertThat(error(exec("a", "true")))
                .isEqualTo(
                        new SupervisorError(
                                Kind.INVALID_STATE,
                                "tried to exec a process in a domain which is not booted"));
        started();
        assertThat(post("/start", new DomainRequest("d").json()).status()).isEqualTo(409);
        assertThat(post("/remove", new DomainRequest("d").json()).status()).isEqualTo(409);
        assertThat(post("/start", "{".getBytes(StandardCharsets.UTF_8)).status()).isEqualTo(400);
    }

    @Test
    void kill_checksInTheOrderOfTheContract() throws Exception {
        started();
        assertThat(error(kill("none", PATIENCE)))
                .isEqualTo(new SupervisorError(Kind.NO_SUCH_ENTITY, "Unknown process"));
        exec("a", "sleep 100");
        assertThat(error(kill("a", Duration.ofSeconds(-1))).message())
                .isEqualTo("invalid timeout while killing a");
        assertThat(kill("a", PATIENCE).status()).isEqualTo(200);
        assertThat(kill("a", Duration.ofSeconds(-1)).status()).isEqualTo(200);
    }

    @Test
    void exec_isRefused_whileTheOldOneLives() throws Exception {
        started();
        exec("a", "sleep 100");
        assertThat(exec("a", "true").status()).isEqualTo(409);
        kill("a", PATIENCE);
        assertThat(exec("a", "true").status()).isEqualTo(200);
    }

    @Test
    void events_waitUntilTheyAreRead_andTellExitFromSignal() throws Exception {
        started();
        exec("exit", "exit 137");
        exec("signal", "sleep 100");
        kill("signal", PATIENCE);
        long killed = System.nanoTime();
        try (var lines = client.lines("/events?domain=d", PATIENCE)) {
            Event first = event(lines);
            Event second = event(lines);
            assertThat(System.nanoTime() - killed).isLessThan(2_000_000_000L);
            assertThat(List.of(first.data().text(), second.data().text()))
                    .containsExactlyInAnyOrder("exit status 137", "signal: killed");
        }
    }

    @Test
    void terminate_asksTheWholeGroup_andSucceedsAfterTheEnd() throws Exception {
        started();
        exec("a", "sleep 100 & wait");
        byte[] terminate = new TerminateRequest("a", "d").json();
        assertThat(post("/terminate", terminate).status()).isEqualTo(200);
        try (var lines = client.lines("/events", PATIENCE)) {
            assertThat(event(lines).data().text()).isEqualTo("signal: terminated");
        }
        assertThat(post("/terminate", terminate).status()).isEqualTo(200);
    }

    @Test
    void stop_endsEveryProcess_andRemoveForgets() throws Exception {
        started();
        for (int i = 0; i < 20; i++) {
            exec("p" + i, "sleep 100");
        }
        assertThat(stop("d", PATIENCE).status()).isEqualTo(200);
        try (var lines = client.lines("/events?domain=d", PATIENCE)) {
            for (int i = 0; i < 20; i++) {
                assertThat(event(lines).data().signo()).isEqualTo(9);
            }
        }
        assertThat(stop("d", PATIENCE).status()).isEqualTo(200);
        assertThat(post("/remove", new DomainRequest("d").json()).status()).isEqualTo(200);
        assertThat(stop("d", PATIENCE).status()).isEqualTo(404);
    }
}
