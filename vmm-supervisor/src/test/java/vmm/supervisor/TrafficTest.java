package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.Network;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.FreezeRequest;
import vmm.wire.supervisor.StartResponse;

/** Taps in a network namespace: how they are made, and what wakes who sleeps behind them. */
class TrafficTest {
    /** Prints whether segments are merged on an interface: GSO, then GRO (ethtool's ioctl). */
    private static final String MERGING =
            "use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die $!; for my $c (0x23, 0x2b)"
                    + " {my $v = pack('LL', $c, 9); my $r = pack('a16P', $ARGV[0], $v) . \"\\0\" x"
                    + " 16;ioctl($s, 0x8946, $r) or die $!; print((unpack('LL', $v))[1]); }";

    /** Holds a tap open as a tender does: without a holder nothing is sent into it. */
    private static final String HOLD =
            "open(my $t, \"+<\", \"/dev/net/tun\") or die $!;"
                    + "ioctl($t, 0x400454ca, pack(\"a16Sx22\", $ARGV[0], 0x1002)) or die $!;"
                    + "open(my $r, \">\", $ARGV[1]); close $r; sleep 1000;";

    @TempDir private Path folder;
    private final String net = "vmm-test-" + ProcessHandle.current().pid() + "-taps";
    private boolean made;

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
        return said;
    }

    private List<String> inside() {
        // "ip netns exec" would hide the control groups behind a new /sys.
        return List.of("nsenter", "--net=/run/netns/" + net);
    }

    private String inside(String... command) throws IOException, InterruptedException {
        var line = new ArrayList<>(inside());
        line.addAll(List.of(command));
        return run(line);
    }

    @BeforeEach
    void open() throws IOException, InterruptedException {
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "needs root and /dev/net/tun");
        assumeTrue(Files.isWritable(Path.of("/sys/fs/cgroup")), "needs root and control groups");
        run(List.of("ip", "netns", "add", net));
        made = true;
        inside("ip", "link", "add", "br0", "type", "bridge");
        inside("ip", "address", "add", "10.9.0.1/24", "dev", "br0");
        inside("ip", "link", "set", "br0", "up");
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        if (made) {
            run(List.of("ip", "netns", "delete", net));
        }
    }

    private static String start(Calls calls, String bridge) throws Exception {
        var request =
                ConfigureRequest.of("d", List.of(new Network("service", bridge)), Optional.empty());
        Calls.ok(calls.post("/configure", request.json()));
        byte[] started = Calls.ok(calls.call("/start", "d"));
        return StartResponse.parse(started).taps().getOrDefault("service", "");
    }

    private static State state(Calls calls) throws Exception {
        return DomainsResponse.parse(Calls.ok(calls.client().get("/domains", Calls.PATIENCE)))
                .domains()
                .getFirst()
                .state();
    }

    @Test
    void tap_isUpInItsBridge_withoutMerging_andGoesWithTheDomain() throws Exception {
        try (var supervisor = SeparateSupervisor.start(folder, inside())) {
            String tap = start(supervisor, "br0");
            assertThat(inside("ip", "-br", "link", "show", tap)).contains("UP");
            assertThat(inside("bridge", "link")).contains(tap).contains("master br0");
            if (Files.isExecutable(Path.of("/usr/bin/perl"))) {
                assertThat(inside("/usr/bin/perl", "-e", MERGING, tap)).isEqualTo("00");
            }
            Calls.ok(supervisor.stop("d", Calls.PATIENCE));
            assertThat(inside("ip", "-br", "link")).doesNotContain(tap);
            Calls.ok(supervisor.post("/remove", new DomainRequest("d").json()));
            // BEHAVIOUR 14.17: what cannot start leaves nothing.
            Calls.ok(
                    supervisor.post(
                            "/configure",
                            ConfigureRequest.of(
                                            "d",
                                            List.of(
                                                    new Network("one", "br0"),
                                                    new Network("two", "missing")),
                                            Optional.empty())
                                    .json()));
            assertThat(Calls.error(supervisor.call("/start", "d")).message())
                    .isEqualTo("no tap for two: there is no bridge missing");
            assertThat(inside("ip", "-br", "link", "show", "type", "tun")).isEmpty();
        }
    }

    @Test
    void traffic_wakesWhoWasFrozenUntilItComes_evenAfterACrash() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "needs perl");
        byte[] sleep = new FreezeRequest("d", true).json();
        var first = SeparateSupervisor.start(folder, inside());
        String tap = start(first, "br0");
        Path ready = folder.resolve("ready");
        Calls.ok(first.exec("d", "p", "exec perl -e '" + HOLD + "' " + tap + " " + ready));
        awaitFile(ready);
        Calls.ok(first.post("/freeze", sleep));
        assertThat(state(first)).isEqualTo(State.FROZEN);
        expectWoken(first);
        Calls.ok(first.post("/freeze", sleep));
        Calls.ok(first.call("/thaw", "d"));
        Calls.ok(first.post("/freeze", sleep));
        first.crash();
        try (var second = SeparateSupervisor.start(folder, inside())) {
            expectWoken(second);
        }
    }

    private static void awaitFile(Path file) throws InterruptedException {
        long end = System.nanoTime() + Calls.PATIENCE.toNanos();
        while (!Files.exists(file) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(file).exists();
    }

    /** The host asks by ARP for an address behind the bridge, again and again; nobody answers. */
    private void expectWoken(Calls calls) throws Exception {
        var line = new ArrayList<>(inside());
        line.addAll(List.of("ping", "-q", "-i", "0.2", "-w", "30", "10.9.0.2"));
        Process knocking =
                new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            assertThat(calls.event("d").data()).isEqualTo(EventData.thawedByTraffic("d"));
        } finally {
            knocking.destroyForcibly().waitFor();
        }
        assertThat(state(calls)).isEqualTo(State.STARTED);
    }
}
