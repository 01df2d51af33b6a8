package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.daemon.ServiceConnection;
import vmm.os.Libc;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;

/** Statistics with the real programs: real daemons, real tenders, real guests. */
class StatsEndToEndTest {
    private static final double TICKS_PER_SECOND = 100;
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;

    /** Some are on their way, or of before. */
    private static final int SAMPLES_MAX = 30;

    /** A busy machine gives a spinner little. */
    private Suite suite;

    private StatsProcess stats;
    private String target;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(StatsProcess.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        target = Guests.runnable();
        suite = Suite.startFor(target);
        stats = StatsProcess.start(suite.tmp(), StatsProcess.withoutRights());
    }

    @AfterEach
    void stop() {
        if (stats != null) {
            stats.close();
        }
        if (suite != null) {
            suite.close();
        }
    }

    private void create(String name, String guest, String... more) throws Exception {
        suite.ok(
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(
                                        "create",
                                        name,
                                        Guests.guest(guest + "." + target).toString(),
                                        "--no-add-name"),
                                java.util.stream.Stream.of(more))
                        .toArray(String[]::new));
    }

    private static double cpuSeconds(Sample sample) {
        Sample.Time user = sample.use().utime();
        Sample.Time system = sample.use().stime();
        return user.seconds()
                + system.seconds()
                + ((user.microseconds() + system.microseconds()) / 1e6);
    }

    /** Another reading than ours, of the same process. */
    private static double cpuSeconds(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
            return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12)))
                    / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void samples_reachAllSubscribers_byRelativeNames_andAgreeWithOtherReadings() throws Exception {
        create("a:b:spinner", "spinner");
        long pid = suite.tenders().getFirst().pid();
        try (var root = stats.subscribe(":");
                var path = stats.subscribe("a:");
                var samePath = stats.subscribe("a:");
                var exact = stats.subscribe("a:b:spinner")) {
            assertThat(root.next().name()).isEqualTo("a:b:spinner");
            assertThat(path.next().name()).isEqualTo("b:spinner");
            assertThat(samePath.next().name()).isEqualTo("b:spinner");
            assertThat(exact.next().name()).isEqualTo(":spinner");
            Suite.await("it has spun", () -> cpuSeconds(pid) >= 1);
            Libc.kill((int) pid, SIGSTOP);
            try {
                assertAgrees(exact, cpuSeconds(pid));
            } finally {
                Libc.kill((int) pid, SIGCONT);
            }
        }
    }

    /** Of one that stands still: soon a sample says what the other reading does. */
    private static void assertAgrees(StatsProcess.Subscriber subscriber, double other)
            throws IOException {
        double ours = 0;
        for (int i = 0; i < SAMPLES_MAX && Math.abs(ours - other) > 0.02 * other; i++) {
            ours = cpuSeconds(subscriber.next().sample());
        }
        assertThat(Math.abs(ours - other))
                .as("CPU time, told %s, read %s", ours, other)
                .isLessThanOrEqualTo(0.02 * other);
    }

    @Test
    void memoryOfAnEater_agreesWithAnotherReading() throws Exception {
        create("eater", "eater", "--mem", "64", "--arg", "mb=48");
        long pid = suite.tenders().getFirst().pid();
        Suite.await(
                "it has eaten",
                () -> suite.vmm("console", "eater", "--no-follow").out().contains("holding"));
        try (var subscriber = stats.subscribe(":eater")) {
            subscriber.next();
            Sample sample = subscriber.next().sample();
            double other = 0;
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                if (line.startsWith("Rss:")) {
                    other = Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
            assertThat(other).isGreaterThan(48 * 1024);
            double peak = sample.use().maxrss();
            assertThat(Math.abs(peak - other) / other).isLessThanOrEqualTo(0.02);
            double resident = sample.memory().orElseThrow().rss() * 4;
            assertThat(Math.abs(resident - other) / other).isLessThanOrEqualTo(0.02);
        }
    }

    /** Where the kernel tells what the group of a domain is charged with, in either version. */
    private static Optional<Path> memoryFile(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
            String[] parts = line.split(":", 3);
            boolean unified = parts[1].isEmpty();
            Path file =
                    Path.of(
                            unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory",
                            parts[2],
                            unified ? "memory.current" : "memory.usage_in_bytes");
            if ((unified || parts[1].equals("memory"))
                    && parts[2].contains("/d.")
                    && Files.exists(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    @Test
    void memoryOfAControlGroup_agreesWithItsFile() throws Exception {
        create("eater", "eater", "--mem", "64", "--arg", "mb=32");
        Optional<Path> file = memoryFile(suite.tenders().getFirst().pid());
        assumeTrue(file.isPresent(), "the supervisor may not make control groups here");
        Suite.await(
                "it has eaten",
                () -> suite.vmm("console", "eater", "--no-follow").out().contains("holding"));
        Suite.await(
                "both agree",
                () -> {
                    double theirs = number(file.get());
                    double ours =
                            stats.metric(
                                            "vmm_unikernel_cgroup_memory_bytes"
                                                    + "{path=\":\",unikernel=\"eater\"}")
                                    .orElse(0.0);
                    return theirs > (32 << 20) && Math.abs(ours - theirs) <= 0.02 * theirs;
                });
    }

    private static double number(Path file) {
        try {
            return Double.parseDouble(Files.readString(file).strip());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void statistics_goOn_whereTheUnikernelIsRestarted() throws Exception {
        create("a:ticker", "ticker");
        try (var subscriber = stats.subscribe("a:ticker")) {
            long first = subscriber.next().sample().memory().orElseThrow().start().seconds();
            assertThat(first).isPositive();
            suite.ok("restart", "a:ticker");
            Sample.Time before = subscriber.next().sample().memory().orElseThrow().start();
            Suite.await(
                    "two starts were seen",
                    () ->
                            stats.metric(
                                            "vmm_unikernel_starts_total{path=\"a:\",unikernel=\"ticker\"}")
                                    .filter(v -> v == 2)
                                    .isPresent());
            Sample.Time after = before;
            for (int i = 0; i < 5; i++) {
                after = subscriber.next().sample().memory().orElseThrow().start();
            }
            assertThat(after.seconds()).isGreaterThanOrEqualTo(first);
        }
    }

    @Test
    void statistics_goOn_whereVmmdIsKilledAndComesBack() throws Exception {
        create("ticker", "ticker");
        try (var subscriber = stats.subscribe(":")) {
            subscriber.next();
            suite.crash("vmmd");
            Suite.await("it is noticed", () -> stats.said().contains("vmmd is gone"));
            subscriber.next();
            subscriber.next();
            suite.startDaemon("vmmd");
            Suite.await(
                    "the roles are swapped again",
                    () -> stats.metric("vmm_stats_vmmd_connected").filter(v -> v == 1).isPresent());
            subscriber.next();
            suite.ok("destroy", "ticker");
            Suite.await(
                    "it is no longer watched",
                    () -> stats.metric("vmm_stats_watched").filter(v -> v == 0).isPresent());
        }
    }

    /** BEHAVIOUR 14.10: a second daemon takes the socket of the running one. */
    @Test
    void behaviour14_10_secondVmmStats_endsAtOnce_andTheFirstGoesOn() throws Exception {
        Suite.Result vain = suite.startInVain("vmm-stats", "--metrics-listen", "none");
        assertThat(vain.exit()).isEqualTo(1);
        assertThat(vain.err()).contains("listening").doesNotContain("\tat ");
        create("ticker", "ticker");
        try (var subscriber = stats.subscribe(":")) {
            assertThat(subscriber.next().name()).isEqualTo(":ticker");
        }
    }

    /** BEHAVIOUR 14.18: a boot loop is held back, which is told. */
    @Test
    void behaviour14_18_bootLoop_isTold_withItsWait() throws Exception {
        create("loop", "hello", "--restart-on-fail", "--arg", "exit=2");
        String of = "{path=\":\",unikernel=\"loop\"";
        Suite.await(
                "its failures are told",
                () ->
                        stats.metric("vmm_unikernel_failures" + of + "}")
                                .filter(v -> v >= 3)
                                .isPresent());
        Suite.await(
                "it waits",
                () ->
                        stats.metric("vmm_unikernel_state" + of + ",state=\"waiting\"}").isPresent()
                                && stats.metric("vmm_unikernel_next_start_time_seconds" + of + "}")
                                        .isPresent());
        Suite.await("people see it", () -> stats.get("/").contains("Next start in"));
        suite.ok("destroy", "loop");
    }

    @Test
    void page_showsTheLastLines_andTakesNobodysPlace() throws Exception {
        create("ticker", "ticker", "--arg", "ms=20");
        Suite.await(
                "it is shown", () -> stats.get("/unikernel?name=ticker").contains("</span> tick"));
        var listeners = new ArrayList<ServiceConnection>();
        for (int i = 0; i < 5; i++) {
            var channel = SocketChannel.open(UnixDomainSocketAddress.of(suite.socket("console")));
            listeners.add(new ServiceConnection(channel));
            listeners
                    .getLast()
                    .send(
                            Message.asking(
                                    Header.of(Name.parse("ticker")),
                                    new Command.ConsoleSubscribe(
                                            false, new Command.History.Count(0))));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(stats.get("/unikernel?name=ticker")).contains("</span> tick");
        }
        for (ServiceConnection listener : listeners) {
            // More than were there before the last page was.
            for (int i = 0; i < 100; i++) {
                try (var received = listener.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                    assertThat(received).isNotNull();
                }
            }
            listener.channel().close();
        }
    }

    /** BEHAVIOUR 14.11: a peer that says initial and then nothing holds nobody up. */
    @Test
    void behaviour14_11_peerThatSaysInitialAndNothing_holdsNobodyUp() throws Exception {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(suite.socket("vmmd")));
            var connection = new ServiceConnection(channel);
            connection.send(Message.asking(Header.of(Name.ROOT), new Command.StatsInitial()));
            try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                assertThat(received).isNotNull();
            }
            create("ticker", "ticker");
            suite.ok("info");
            suite.ok("restart", "ticker");
            try (var subscriber = stats.subscribe(":")) {
                assertThat(subscriber.next().name()).isEqualTo(":ticker");
            }
            suite.ok("destroy", "ticker");
        }
    }

    @Test
    void subscriberThatNeverReads_losesSamples_andCostsABoundedBuffer() throws Exception {
        List<String> names = IntStream.range(0, 1500).mapToObj(i -> "t:u" + i).toList();
        try (var silent = stats.subscribe(":");
                var reading = stats.subscribe("t:u1499")) {
            stats.add(names, ProcessHandle.current().pid());
            double lost = 0;
            for (int i = 0; i < 60 && lost < 500; i++) {
                assertThat(reading.next().name()).isEqualTo(":u1499");
                lost = stats.metric("vmm_stats_lost_samples_total").orElse(0.0);
            }
            assertThat(lost).as("lost samples").isGreaterThanOrEqualTo(500);
            assertThat(silent.next().name()).startsWith("t:u");
        }
        assertThat(residentKib(stats.pid())).isLessThan(160 * 1024);
    }

    private static long residentKib(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }
}
