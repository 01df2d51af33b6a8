package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.daemon.http.HttpClient;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.SupervisorError;
import vmm.wire.supervisor.SupervisorError.Kind;
import vmm.wire.supervisor.TerminateRequest;

/** Real processes behind the real socket. */
class SupervisorTest {
    @TempDir private Path folder;
    private LiveSupervisor live;
    private HttpClient client;

    @BeforeEach
    void open() throws IOException {
        live = new LiveSupervisor(folder);
        client = live.client;
    }

    @AfterEach
    void close() throws Exception {
        live.close();
    }

    private HttpClient.Reply post(String path, byte[] json) throws IOException {
        return live.post(path, json);
    }

    private void started() throws IOException {
        live.started(Calls.plain("d"));
    }

    private HttpClient.Reply exec(String name, String script) throws IOException {
        return live.exec("d", name, script);
    }

    private HttpClient.Reply kill(String name, Duration patience) throws IOException {
        return live.kill("d", name, patience);
    }

    private HttpClient.Reply stop(String domain, Duration patience) throws IOException {
        return live.stop(domain, patience);
    }

    private static SupervisorError error(HttpClient.Reply reply) throws Exception {
        return Calls.error(reply);
    }

    private static Event event(HttpClient.LineStream lines) throws Exception {
        return Calls.event(lines);
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
        assertThat(error(kill("none", Calls.PATIENCE)))
                .isEqualTo(new SupervisorError(Kind.NO_SUCH_ENTITY, "Unknown process"));
        exec("a", "sleep 100");
        assertThat(error(kill("a", Duration.ofSeconds(-1))).message())
                .isEqualTo("invalid timeout while killing a");
        assertThat(kill("a", Calls.PATIENCE).status()).isEqualTo(200);
        assertThat(kill("a", Duration.ofSeconds(-1)).status()).isEqualTo(200);
    }

    @Test
    void exec_isRefused_whileTheOldOneLives() throws Exception {
        started();
        exec("a", "sleep 100");
        assertThat(exec("a", "true").status()).isEqualTo(409);
        kill("a", Calls.PATIENCE);
        assertThat(exec("a", "true").status()).isEqualTo(200);
    }

    @Test
    void start_isRefused_withAProfileThatNobodyKnows() throws Exception {
        post("/configure", Calls.plain("d").json());
        byte[] request =
                "{\"domain\":\"d\",\"cgroup_profile\":\"nice\"}".getBytes(StandardCharsets.UTF_8);
        assertThat(error(post("/start", request)))
                .isEqualTo(
                        new SupervisorError(
                                Kind.SERDE,
                                "unknown profile nice: there are throttled and unthrottled"));
        assertThat(error(post("/thaw", request)).kind()).isEqualTo(Kind.SERDE);
    }

    @Test
    void exec_saysWhatIsMissing_theProgramOrItsFolder() throws Exception {
        started();
        var request =
                "{\"domain\":\"d\",\"name\":\"a\",\"path\":\"%s\",\"args\":[],\"cwd\":\"/missing\"}";
        assertThat(error(post("/exec", request.formatted("").getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(
                        new SupervisorError(Kind.SERDE, "a process needs a path to its program"));
        byte[] inMissing = request.formatted("/bin/sh").getBytes(StandardCharsets.UTF_8);
        assertThat(error(post("/exec", inMissing)).message())
                .startsWith("cannot start /bin/sh in folder /missing: ");
    }

    /** Names are used once: a domain that starts one after the other never gets full. */
    @Test
    void exec_forgetsTheOldest_whoseEndWasRead_andSaysWhatHelps_whereNoneWas() throws Exception {
        started();
        try (var lines = client.lines("/events?domain=d", Calls.PATIENCE)) {
            for (int i = 0; i <= Processes.PROCESSES_MAX; i++) {
                Calls.ok(exec("read" + i, "exit"));
                assertThat(event(lines).data().name()).isEqualTo("read" + i);
            }
        }
        assertThat(error(kill("read0", Calls.PATIENCE)).kind()).isEqualTo(Kind.NO_SUCH_ENTITY);
        HttpClient.Reply last = exec("unread", "exit");
        for (int i = 0; last.status() == 200; i++) {
            last = exec("unread" + i, "exit");
        }
        assertThat(error(last).message()).contains("read the events", "or stop the domain");
        Calls.ok(stop("d", Calls.PATIENCE));
    }

    @Test
    void events_waitUntilTheyAreRead_andTellExitFromSignal() throws Exception {
        started();
        exec("exit", "exit 137");
        exec("signal", "sleep 100");
        kill("signal", Calls.PATIENCE);
        long killed = System.nanoTime();
        try (var lines = client.lines("/events?domain=d", Calls.PATIENCE)) {
            Event first = event(lines);
            Event second = event(lines);
            assertThat(System.nanoTime() - killed).isLessThan(2_000_000_000L);
            assertThat(List.of(first.data().text(), second.data().text()))
                    .containsExactlyInAnyOrder("exit status 137", "signal: killed");
        }
    }

    @Test
    void events_endWithTheirDomain() throws Exception {
        started();
        exec("a", "sleep 100");
        try (var lines = client.lines("/events?domain=d", Calls.PATIENCE)) {
            stop("d", Calls.PATIENCE);
            assertThat(event(lines).data().signo()).isEqualTo(9);
            assertThat(post("/remove", new DomainRequest("d").json()).status()).isEqualTo(200);
            assertThat(lines.next()).isNull();
        }
    }

    /** What the contract's own tests wait for at most. */
    @Test
    void ends_areReadInTime_afterKillAndStop() throws Exception {
        started();
        long[] kills = new long[9];
        for (int i = 0; i < kills.length; i++) {
            exec("k" + i, "sleep 100");
            kill("k" + i, Calls.PATIENCE);
            kills[i] = readEnds(1);
        }
        Arrays.sort(kills);
        assertThat(Duration.ofNanos(kills[kills.length / 2])).isLessThan(Duration.ofMillis(50));
        long[] stops = new long[5];
        for (int i = 0; i < stops.length; i++) {
            for (int p = 0; p < 10; p++) {
                exec("s" + p, "sleep 100");
            }
            stop("d", Calls.PATIENCE);
            stops[i] = readEnds(10);
            started();
        }
        Arrays.sort(stops);
        assertThat(Duration.ofNanos(stops[stops.length / 2])).isLessThan(Duration.ofMillis(200));
    }

    /** How long it takes to read so many ends on a connection of its own. */
    private long readEnds(int count) throws Exception {
        long begin = System.nanoTime();
        try (var lines = client.lines("/events?domain=d", Calls.PATIENCE)) {
            for (int i = 0; i < count; i++) {
                assertThat(event(lines).data().signo()).isEqualTo(9);
            }
        }
        return System.nanoTime() - begin;
    }

    @Test
    void terminate_asksTheWholeGroup_andSucceedsAfterTheEnd() throws Exception {
        started();
        exec("a", "sleep 100 & wait");
        byte[] terminate = new TerminateRequest("a", "d").json();
        assertThat(post("/terminate", terminate).status()).isEqualTo(200);
        try (var lines = client.lines("/events", Calls.PATIENCE)) {
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
        assertThat(stop("d", Calls.PATIENCE).status()).isEqualTo(200);
        try (var lines = client.lines("/events?domain=d", Calls.PATIENCE)) {
            for (int i = 0; i < 20; i++) {
                assertThat(event(lines).data().signo()).isEqualTo(9);
            }
        }
        assertThat(stop("d", Calls.PATIENCE).status()).isEqualTo(200);
        assertThat(post("/remove", new DomainRequest("d").json()).status()).isEqualTo(200);
        assertThat(stop("d", Calls.PATIENCE).status()).isEqualTo(404);
    }
}
