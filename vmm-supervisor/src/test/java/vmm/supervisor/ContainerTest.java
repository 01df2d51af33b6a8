package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.daemon.http.HttpClient;
import vmm.os.Cgroups;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.CycleResponse;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.LimitsRequest;
import vmm.wire.supervisor.SupervisorError.Kind;

/** Domains on this machine's control groups. */
class ContainerTest {
    private static final String SPIN = "while :; do :; done";
    private static final long MIB = 1 << 20;

    @TempDir private Path folder;
    private LiveSupervisor live;

    @BeforeEach
    void open() throws IOException {
        Cgroups probe = Cgroups.open("vmm-probe-" + ProcessHandle.current().pid());
        boolean usable = probe.canFreeze();
        probe.close();
        assumeTrue(usable, "needs root and control groups");
        live = new LiveSupervisor(folder);
    }

    @AfterEach
    void close() throws Exception {
        if (live != null) {
            live.close();
        }
    }

    private static long cpuTicks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private CycleResponse freeze(String domain) throws Exception {
        return CycleResponse.parse(Calls.ok(live.call("/freeze", domain)));
    }

    @Test
    void freeze_stopsTheCpu_andThawGoesOn_withTheCyclesMetrics() throws Exception {
        live.started(Calls.plain("d"));
        long pid = Calls.pid(live.exec("d", "spin", SPIN));
        TimeUnit.MILLISECONDS.sleep(300);
        long asked = System.nanoTime();
        CycleResponse cycle = freeze("d");
        assertThat(System.nanoTime() - asked).isLessThan(2_000_000_000L);
        assertThat(cycle.domainRunNs()).isBetween(250_000_000L, 3_000_000_000L);
        assertThat(cycle.domainCpuRunNs()).isBetween(1_000_000L, cycle.domainRunNs() * 2);
        assertThat(cycle.microvmCpuRunNs()).isGreaterThanOrEqualTo(cycle.domainCpuRunNs());
        assertThat(cycle.domainMaxMemoryUsageBytes()).isPositive();
        long before = cpuTicks(pid);
        TimeUnit.MILLISECONDS.sleep(200);
        assertThat(cpuTicks(pid)).isEqualTo(before);
        assertThat(Calls.error(live.call("/freeze", "d")).kind()).isEqualTo(Kind.INVALID_STATE);
        assertThat(Calls.error(live.exec("d", "x", "true")).kind()).isEqualTo(Kind.INVALID_STATE);
        Calls.ok(live.call("/thaw", "d"));
        TimeUnit.MILLISECONDS.sleep(200);
        assertThat(cpuTicks(pid)).isGreaterThan(before);
        assertThat(live.call("/thaw", "d").status()).isEqualTo(409);
    }

    @Test
    void kill_endsOneOfTwo_whileFrozen() throws Exception {
        live.started(Calls.plain("d"));
        Calls.ok(live.exec("d", "a", "sleep 100 & wait"));
        long other = Calls.pid(live.exec("d", "b", SPIN));
        freeze("d");
        assertThat(live.kill("d", "a", Calls.PATIENCE).status()).isEqualTo(200);
        assertThat(live.event("d").data()).isEqualTo(EventData.signaled("d", "a", 9));
        long before = cpuTicks(other);
        TimeUnit.MILLISECONDS.sleep(100);
        assertThat(cpuTicks(other)).as("the other one stays frozen").isEqualTo(before);
    }

    @Test
    void stop_endsEverything_whileFrozen_andLeavesNoGroup() throws Exception {
        live.started(Calls.plain("d"));
        for (int i = 0; i < 5; i++) {
            Calls.ok(live.exec("d", "p" + i, "setsid sleep 100 & wait"));
        }
        freeze("d");
        assertThat(live.stop("d", Calls.PATIENCE).status()).isEqualTo(200);
        assertThat(groups()).isEmpty();
        Calls.ok(live.call("/start", "d"));
        Calls.ok(live.exec("d", "p0", "true"));
    }

    private static List<Path> groups() throws IOException {
        try (var found =
                Files.find(
                        Path.of("/sys/fs/cgroup"),
                        6,
                        (p, a) ->
                                p.toString().contains("vmm-test-" + ProcessHandle.current().pid())
                                        && p.endsWith("d.d"))) {
            return found.toList();
        }
    }

    @Test
    void cpuLimit_isKept_andCanBeRaised() throws Exception {
        live.started(Calls.plain("d").withLimits(new CgroupProfile(0.25, 0)));
        long pid = Calls.pid(live.exec("d", "spin", SPIN));
        TimeUnit.MILLISECONDS.sleep(200);
        long from = System.nanoTime();
        long ticks = cpuTicks(pid);
        TimeUnit.SECONDS.sleep(2);
        // A busy machine may give less than the limit, never more.
        double share = (cpuTicks(pid) - ticks) * 1e7 / (System.nanoTime() - from);
        assertThat(share).isBetween(0.02, 0.27);
        var more = new LimitsRequest("d", 0.5, 0);
        Calls.ok(live.post("/limits", more.json()));
        from = System.nanoTime();
        ticks = cpuTicks(pid);
        TimeUnit.SECONDS.sleep(2);
        share = (cpuTicks(pid) - ticks) * 1e7 / (System.nanoTime() - from);
        assertThat(share).isBetween(0.04, 0.54);
    }

    @Test
    void memoryCeiling_killsWithItsCause_andALiveOneIsNotLowered() throws Exception {
        live.started(Calls.plain("d").withLimits(new CgroupProfile(0, 64 * MIB)));
        Calls.ok(live.exec("d", "hog", "exec dd if=/dev/zero of=/dev/null bs=200M count=1"));
        assertThat(live.event("d").data()).isEqualTo(EventData.oomKilled("d", "hog"));
        Calls.ok(live.exec("d", "killed", "kill -9 $$"));
        assertThat(live.event("d").data()).isEqualTo(EventData.signaled("d", "killed", 9));
        Calls.ok(live.exec("d", "holds", "x=$(head -c 20000000 /dev/urandom | base64); sleep 100"));
        long end = System.nanoTime() + 5_000_000_000L;
        HttpClient.Reply lowered;
        do {
            Calls.ok(live.post("/limits", new LimitsRequest("d", 0, 64 * MIB).json()));
            lowered = live.post("/limits", new LimitsRequest("d", 0, 4096).json());
        } while (lowered.status() == 200 && System.nanoTime() < end);
        assertThat(Calls.error(lowered).message()).contains("more than 4096");
    }

    @Test
    void start_isUndone_whenAHookFails() throws Exception {
        Path ran = folder.resolve("ran");
        var hooks =
                List.of(
                        hook("first", "echo one >> " + ran),
                        hook("second", "echo $K >> " + ran + "; exit 7"),
                        hook("third", "echo three >> " + ran));
        var plain = Calls.plain("d");
        var request =
                new ConfigureRequest(
                        "d",
                        List.of(),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        "",
                        Optional.empty(),
                        hooks,
                        plain.networks(),
                        plain.owner(),
                        plain.sandbox());
        Calls.ok(live.post("/configure", request.json()));
        assertThat(Calls.error(live.call("/start", "d")).message())
                .isEqualTo("hook second failed: exit status 7");
        assertThat(Files.readString(ran)).isEqualTo("one\nV\n");
        assertThat(groups()).isEmpty();
        assertThat(live.exec("d", "x", "true").status()).isEqualTo(409);
    }

    private static ConfigureRequest.Hook hook(String name, String script) {
        return new ConfigureRequest.Hook(
                name,
                "/bin/sh",
                List.of("-c", script),
                Optional.of(java.util.Map.of("K", "V")),
                ConfigureRequest.Hook.TIMEOUT_MILLIS);
    }

    @Test
    void hundredDomains_liveAtOnce_andFreezeSideBySide() throws Exception {
        for (int i = 0; i < 100; i++) {
            live.started(Calls.plain("many" + i));
            Calls.ok(live.exec("many" + i, "p", "sleep 100"));
        }
        try {
            for (int i = 0; i < 100; i++) {
                freeze("many" + i);
            }
        } finally {
            for (int i = 0; i < 100; i++) {
                Calls.ok(live.stop("many" + i, Duration.ofSeconds(10)));
                live.post("/remove", new DomainRequest("many" + i).json());
            }
        }
    }

    @Test
    void configure_refusesWhatItDoesNotKnow() throws Exception {
        for (String json :
                List.of(
                        "{\"domain\":\"d\",\"seccomp_filters\":[\"other\"]}",
                        "{\"domain\":\"d\",\"capabilities\":{\"bounding\":[\"CAP_FLY\"]}}",
                        "{\"domain\":\"d\",\"start_profile\":\"fast\"}",
                        "{\"domain\":\"d\",\"cgroup_profiles\":{\"throttled\":{\"cpu_limit\":-1}}}")) {
            var error = Calls.error(live.post("/configure", json.getBytes(StandardCharsets.UTF_8)));
            assertThat(error.kind()).as(json).isEqualTo(Kind.SERDE);
            assertThat(error.message()).isNotEmpty();
        }
    }
}
