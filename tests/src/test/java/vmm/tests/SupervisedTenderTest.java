package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.daemon.http.HttpClient;
import vmm.os.Cgroups;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ConfigureRequest.Owner;
import vmm.wire.supervisor.ConfigureRequest.Sandbox;
import vmm.wire.supervisor.CycleResponse;
import vmm.wire.supervisor.Deadline;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.ExecResponse;
import vmm.wire.supervisor.KillRequest;
import vmm.wire.supervisor.StartResponse;
import vmm.wire.supervisor.StopRequest;

/** Real tenders in the supervisor's hands: shut in, limited, frozen, killed. */
class SupervisedTenderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Owner USER = new Owner(2_000_101, 2_000_101);
    private static final long MIB = 1 << 20;

    /** The largest weight that cgroup v1 takes. */
    private static final int CPU_SHARES_MAX = 1 << 18;

    @TempDir private Path folder;
    private Network network;
    private Process supervisor;
    private HttpClient client;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Files.isWritable(Path.of("/sys/fs/cgroup")), "needs root and control groups");
        assumeTrue(Network.isPossible(), "network namespaces cannot be made here (root, iproute2)");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        network = Network.withBridge("service0");
        // "ip netns exec" would hide the control groups behind a new /sys.
        String net = network.prefix().getLast();
        // No vmmd: it would read the events.
        supervisor =
                new ProcessBuilder(
                                "nsenter",
                                "--net=/run/netns/" + net,
                                House.ROOT.resolve("dist/bin/vmm-supervisor").toString(),
                                "--tmpdir",
                                folder.resolve("tmp").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile())
                        .start();
        Path socket = folder.resolve("tmp/util/supervisor.sock");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Suite.accepts(socket) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        client = new HttpClient(socket);
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (client != null) {
            post("/stop", new StopRequest("d", Deadline.at(Instant.now().plus(PATIENCE))).json());
            client.close();
        }
        if (supervisor != null) {
            supervisor.destroy();
            supervisor.waitFor();
        }
        if (network != null) {
            network.close();
        }
    }

    private HttpClient.Reply post(String path, byte[] json) throws IOException {
        return client.post(path, json, PATIENCE);
    }

    private byte[] ok(String path, byte[] json) throws IOException {
        HttpClient.Reply reply = post(path, json);
        byte[] body = reply.body().toArray();
        assertThat(reply.status()).as(new String(body, StandardCharsets.UTF_8)).isEqualTo(200);
        return body;
    }

    private CycleResponse freeze() throws Exception {
        return CycleResponse.parse(ok("/freeze", new DomainRequest("d").json()));
    }

    private void thaw() throws IOException {
        ok("/thaw", new DomainRequest("d").json());
    }

    private EventData event() throws Exception {
        try (var lines = client.lines("/events?domain=d", PATIENCE)) {
            String line = lines.next();
            if (line == null) {
                throw new AssertionError("the stream of events ended");
            }
            return Event.parse(line.getBytes(StandardCharsets.UTF_8)).data();
        }
    }

    private static Path tender(String target) {
        assumeTrue(target.equals("spt") || Guests.hasKvm(), "/dev/kvm is not usable here");
        Optional<Path> found = Guests.program("solo5-" + target);
        assumeTrue(found.isPresent(), "solo5-" + target + " is not installed");
        return found.orElseThrow();
    }

    /** Starts a confined guest whose output goes to the file {@code out}; gives its pid. */
    private long run(
            String target,
            String guest,
            CgroupProfile limits,
            List<ConfigureRequest.Network> networks,
            String... words)
            throws Exception {
        Path tender = tender(target);
        Path image = Guests.guest(guest + "." + target);
        var devices = new ArrayList<String>();
        if (target.equals("hvt")) {
            devices.add("kvm");
        }
        if (!networks.isEmpty()) {
            devices.add("net/tun");
        }
        var request =
                ConfigureRequest.of("d", networks, Optional.of(USER))
                        .withLimits(limits)
                        .confined(
                                USER,
                                List.of(tender.toString(), image.toString()),
                                List.of(),
                                "tender",
                                new Sandbox(devices, true, 16, 500, 0));
        ok("/configure", request.json());
        var started = StartResponse.parse(ok("/start", new DomainRequest("d").json()));
        var arguments = new ArrayList<String>();
        arguments.add("--mem=16");
        started.taps().forEach((device, tap) -> arguments.add("--net:" + device + "=" + tap));
        arguments.add("--");
        arguments.add(image.toString());
        arguments.addAll(List.of(words));
        Files.createFile(folder.resolve("out"));
        var exec =
                ExecRequest.of(
                        "d",
                        "tender",
                        tender.toString(),
                        arguments,
                        Optional.of(folder.resolve("out").toString()),
                        List.of());
        return ExecResponse.parse(ok("/exec", exec.json())).pid();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("out"));
    }

    private void awaitOutput(String text) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!output().contains(text) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(output()).contains(text);
    }

    private static double cpuShare(long pid, Duration time) throws Exception {
        long ticks = ticks(pid);
        long from = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        return (ticks(pid) - ticks) * 1e7 / (System.nanoTime() - from);
    }

    private static long ticks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hvt", "spt"})
    void freeze_stopsTheConsole_thawGoesOn_andKillWorksWhileFrozen(String target) throws Exception {
        long pid = run(target, "ticker", CgroupProfile.NONE, List.of(), "ms=10");
        awaitOutput("tick 5");
        CycleResponse cycle = freeze();
        // It has stopped before the answer came.
        long written = output().length();
        assertThat(cycle.domainMaxMemoryUsageBytes()).isPositive();
        assertThat(cpuShare(pid, Duration.ofMillis(300))).isZero();
        assertThat(output()).hasSize((int) written);
        thaw();
        int reached = (int) output().lines().count();
        awaitOutput("tick " + (reached + 5));
        freeze();
        var deadline = Deadline.at(Instant.now().plus(PATIENCE));
        ok("/kill", new KillRequest("tender", "d", deadline).json());
        assertThat(event()).isEqualTo(EventData.signaled("d", "tender", 9));
    }

    /**
     * What the kernel counts of a group: how long it ran, and how often it was stopped for that.
     */
    private record Counted(long nanos, long cpuNanos, long throttled) {
        static Counted of(Map<String, Path> folders) throws IOException {
            Path cpu = folders.getOrDefault("cpu", Path.of("none"));
            String throttled = Files.readString(cpu.resolve("cpu.stat"));
            Path acct = folders.getOrDefault("cpuacct", Path.of("none"));
            return new Counted(
                    System.nanoTime(),
                    Long.parseLong(Files.readString(acct.resolve("cpuacct.usage")).strip()),
                    Long.parseLong(throttled.replaceAll("(?s).*nr_throttled (\\d+).*", "$1")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hvt", "spt"})
    void cpuShare_isWhatWasAllowed_whateverElseRuns(String target) throws Exception {
        long pid = run(target, "spinner", new CgroupProfile(0.25, 0), List.of());
        awaitOutput("spinning");
        Map<String, Path> folders =
                Cgroups.domainFolders(
                        Files.readString(Path.of("/proc/self/mountinfo")),
                        Files.readString(Path.of("/proc/" + pid + "/cgroup")));
        assumeTrue(folders.containsKey("cpu"), "needs cgroup v1's cpu controller");
        // Before everything else on the machine it takes all that it may have.
        Path all = folders.getOrDefault("cpu", Path.of("none")).resolveSibling("cpu.shares");
        Files.writeString(all, Integer.toString(CPU_SHARES_MAX));
        Counted begin = Counted.of(folders);
        TimeUnit.SECONDS.sleep(3);
        Counted end = Counted.of(folders);
        assertThat(end.throttled() - begin.throttled())
                .as("periods it was stopped in")
                .isPositive();
        assertThat((double) (end.cpuNanos() - begin.cpuNanos()) / (end.nanos() - begin.nanos()))
                .isBetween(0.23, 0.27);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hvt", "spt"})
    void memoryCeiling_killsWithItsCause(String target) throws Exception {
        run(target, "eater", new CgroupProfile(0, 8 * MIB), List.of());
        assertThat(event()).isEqualTo(EventData.oomKilled("d", "tender"));
        assertThat(output()).contains("touched 1 MiB").doesNotContain("holding");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hvt", "spt"})
    void network_isTheTapAlone_andGoesWithTheDomain(String target) throws Exception {
        run(
                target,
                "net",
                CgroupProfile.NONE,
                List.of(new ConfigureRequest.Network("service", "service0")));
        awaitOutput("ready: service");
        assertThat(network.inside("ping", "-c", "3", "-i", "0.2", "-w", "20", "10.0.0.2"))
                .contains(" 0% packet loss");
        freeze();
        var deadline = Deadline.at(Instant.now().plus(PATIENCE));
        ok("/stop", new StopRequest("d", deadline).json());
        assertThat(event()).isEqualTo(EventData.signaled("d", "tender", 9));
        assertThat(network.inside("ip", "-br", "link", "show", "type", "tun")).isEmpty();
    }
}
