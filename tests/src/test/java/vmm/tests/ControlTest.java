package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import vmm.daemon.http.HttpClient;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.LimitsRequest;

/** What vmmd offers on its control socket, with real tenders and the kernel's control groups. */
class ControlTest {

    /** What the clock ticks of /proc count. */
    private static final double TICKS_A_SECOND = 100;

    private Suite suite;
    private HttpClient control;

    @BeforeEach
    void start() throws IOException {
        Suite.needsKvm();
        assumeTrue(
                Files.isWritable(Path.of("/sys/fs/cgroup"))
                        && System.getProperty("user.name").equals("root"),
                "control groups cannot be made here");
        suite = Suite.start();
        control = new HttpClient(suite.socket("control"));
    }

    @AfterEach
    void stop() {
        if (suite != null) {
            control.close();
            suite.close();
        }
    }

    private String guest(String name) throws IOException, InterruptedException {
        return Guests.guest(name + ".hvt").toString();
    }

    private String post(String path, byte[] json, int status) throws IOException {
        HttpClient.Reply reply = control.post(path, json, Suite.PATIENCE);
        String text = new String(reply.body().toArray(), StandardCharsets.UTF_8);
        assertThat(reply.status())
                .as("%s: %s %s", path, text, suite.logOf("vmm-supervisor"))
                .isEqualTo(status);
        return text;
    }

    private String pause(String name, int status) throws IOException {
        return post("/pause", new DomainRequest(name).json(), status);
    }

    private String resume(String name, int status) throws IOException {
        return post("/resume", new DomainRequest(name).json(), status);
    }

    private String limit(String name, double cpus, long bytes, int status) throws IOException {
        return post("/limits", new LimitsRequest(name, cpus, bytes).json(), status);
    }

    private String unikernels() throws IOException {
        return new String(
                control.get("/unikernels", Suite.PATIENCE).body().toArray(),
                StandardCharsets.UTF_8);
    }

    private long lines(String name) {
        return said(name, "");
    }

    private long said(String name, String what) {
        String all = suite.vmm("console", name, "--count", "10000", "--no-follow").out();
        return all.lines().filter(line -> line.contains(what)).count();
    }

    private double cpuSeconds() {
        Path stat = Path.of("/proc/" + suite.tenders().getFirst().pid() + "/stat");
        String[] fields;
        try {
            fields = Files.readString(stat).split("\\) ", 2)[1].split(" ", -1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
    }

    @Test
    void pausedUnikernel_saysNothing_untilItIsResumed() throws Exception {
        suite.ok("create", "ticker", guest("ticker"), "--arg", "ms=10", "--no-add-name");
        Suite.await("some lines", () -> lines("ticker") > 5);
        pause("ticker", 200);
        assertThat(unikernels()).contains("\"state\":\"paused\"");
        assertThat(pause("ticker", 409)).contains("paused already");
        double before = cpuSeconds();
        long said = lines("ticker");
        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
        assertThat(lines("ticker")).isEqualTo(said);
        assertThat(cpuSeconds()).isEqualTo(before);
        resume("ticker", 200);
        Suite.await("more lines", () -> lines("ticker") > said);
        assertThat(resume("ticker", 409)).contains("not paused");
        assertThat(pause("nobody", 409)).contains("no unikernel");
        assertThat(pause("no/name", 400)).contains("error");
    }

    @Test
    void pausedUnikernel_staysPaused_whereVmmdIsKilled_andCanBeDestroyed() throws Exception {
        var before = suite.belongings();
        suite.ok("create", "ticker", guest("ticker"), "--arg", "ms=10", "--no-add-name");
        pause("ticker", 200);
        suite.crash("vmmd");
        suite.startDaemon("vmmd");
        assertThat(unikernels()).contains("\"state\":\"paused\"");
        suite.ok("restart", "ticker");
        assertThat(unikernels()).contains("\"state\":\"running\"");
        pause("ticker", 200);
        suite.ok("destroy", "ticker");
        assertThat(suite.tenders()).isEmpty();
        assertThat(suite.belongings()).isEqualTo(before);
    }

    @Test
    void limits_holdAtOnce_andOverRestarts() throws Exception {
        suite.ok("create", "spinner", guest("spinner"), "--no-add-name", "--mem", "32");
        limit("spinner", 0.25, 0, 200);
        assertQuarter(1);
        suite.ok("restart", "spinner");
        assertQuarter(2);
        suite.stop("vmmd");
        suite.startDaemon("vmmd");
        Suite.await("the spinner", () -> suite.tenders().size() == 1);
        assertThat(unikernels()).contains("\"cpu_limit\":0.25");
        assertThat(limit("spinner", -1, 0, 400)).contains("cpu_limit");
        assertThat(limit("spinner", 0, 1, 400)).contains("memory_limit_bytes");
    }

    @Test
    void limits_areRefused_belowWhatIsUsed() throws Exception {
        suite.ok(
                "create", "eater", guest("eater"), "--no-add-name", "--mem", "32", "--arg", "mb=8");
        Suite.await("8 MiB are held", () -> said("eater", "holding 8 MiB") == 1);
        assertThat(limit("eater", 0, 4L << 20, 409)).contains("uses");
    }

    /** The guest has been started so often, and gets no more than its share. */
    private void assertQuarter(long starts) {
        Suite.await("the spinner spins", () -> said("spinner", "spinning") == starts);
        double before = cpuSeconds();
        Instant start = Instant.now();
        LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
        double elapsed = Duration.between(start, Instant.now()).toMillis() / 1000.0;
        assertThat((cpuSeconds() - before) / elapsed).as("CPUs used").isLessThan(0.3);
    }

    @Test
    void events_tellWhatHappens_andGoOnWhereTheyWereLeft() throws Exception {
        suite.ok("create", "hello", guest("hello"), "--arg", "exit=0", "--no-add-name");
        String first;
        try (HttpClient.LineStream events = control.lines("/events", Suite.PATIENCE)) {
            first = next(events, "created");
            next(events, "exited");
        }
        suite.ok("create", "ticker", guest("ticker"), "--no-add-name");
        assertThat(suite.vmm("create", "ticker", guest("ticker")).exit()).isNotZero();
        pause("ticker", 200);
        resume("ticker", 200);
        suite.ok("destroy", "ticker");
        String since = first.replaceAll(".*\"sequence\":([0-9]+).*", "$1");
        try (HttpClient.LineStream events =
                control.lines("/events?since=" + since, Suite.PATIENCE)) {
            assertThat(next(events, "exited")).contains("\"name\":\":hello\"");
            for (String what :
                    List.of("started", "created", "refused", "paused", "resumed", "exited")) {
                assertThat(next(events, what)).contains("\"name\":\":ticker\"");
            }
            next(events, "destroyed");
        }
        HttpClient.Reply wrong = control.get("/events?since=x", Suite.PATIENCE);
        assertThat(wrong.status()).isEqualTo(400);
    }

    private static String next(HttpClient.LineStream events, String what) throws IOException {
        var seen = new ArrayList<String>();
        for (String line = events.next(); line != null; line = events.next()) {
            if (line.contains("\"event\":\"" + what + "\"")) {
                return line;
            }
            seen.add(line);
        }
        throw new AssertionError(what + " never came, only " + seen);
    }

    @Test
    void limits_holdForDisks() throws Exception {
        assumeTrue(Files.exists(Path.of("/sys/fs/cgroup/blkio")), "needs cgroup v1's blkio");
        suite.ok("create", "spinner", guest("spinner"), "--no-add-name");
        suite.ok("limits", "spinner", "--io-read", "5", "--io-write", "3");
        assertThat(unikernels())
                .contains("\"io_read_bytes_per_second\":5242880")
                .contains("\"io_write_bytes_per_second\":3145728");
        assertThat(suite.vmm("limits", "spinner").out()).contains("5.0 MiB/s");
        suite.ok("limits", "spinner", "--io-read", "none");
        assertThat(suite.vmm("limits", "spinner").out()).doesNotContain("5.0 MiB/s");
    }

    @Test
    void commands_pauseResumeLimitAndTell() throws Exception {
        suite.ok("create", "spinner", guest("spinner"), "--no-add-name");
        suite.ok("pause", "spinner");
        assertThat(unikernels()).contains("\"state\":\"paused\"");
        Suite.Result again = suite.vmm("pause", "spinner");
        assertThat(again.exit()).isEqualTo(117);
        assertThat(again.err()).contains("paused already");
        assertThat(suite.vmm("limits", "spinner").out()).contains(" paused ");
        suite.ok("resume", "spinner");
        suite.ok("limits", "spinner", "--cpu", "25%");
        assertThat(suite.vmm("limits", "spinner").out()).contains("0.25").contains("unlimited");
        suite.ok("limits", "spinner", "--memory", "400");
        assertThat(suite.vmm("limits", "spinner").out()).contains("0.25").contains("400");
        suite.ok("limits", "spinner", "--cpu", "none");
        assertThat(unikernels()).contains("\"cpu_limit\":0").contains("419430400");
        assertThat(suite.vmm("limits", "spinner", "--cpu", "-1").exit()).isEqualTo(124);
        assertThat(suite.vmm("limits", "nobody").err()).contains("no unikernel");
        assertThat(suite.vmm("events").out().lines().map(l -> l.split(" +", 4)[2]))
                .containsExactly(
                        "started",
                        "created",
                        "paused",
                        "resumed",
                        "limits_changed",
                        "limits_changed",
                        "limits_changed");
        assertThat(suite.vmm("events", "-n", "other:").out()).isEmpty();
        assertThat(suite.vmm("events", "--format", "json").out()).contains("\"event\":\"paused\"");
    }

    @Test
    void metrics_countWhatHappened() throws Exception {
        suite.stop("vmmd");
        Path metrics = suite.tmp().resolve("metrics.sock");
        suite.startDaemon("vmmd", "--metrics-listen", metrics.toString());
        suite.ok("create", "ticker", guest("ticker"), "--no-add-name");
        try (var http = new HttpClient(metrics)) {
            String text =
                    new String(
                            http.get("/metrics", Suite.PATIENCE).body().toArray(),
                            StandardCharsets.UTF_8);
            assertThat(text)
                    .contains("vmm_unikernels 1")
                    .contains("vmm_events_total{event=\"created\"} 1");
        }
    }
}
