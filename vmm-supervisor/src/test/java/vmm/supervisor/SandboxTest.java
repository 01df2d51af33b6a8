package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ConfigureRequest.Network;
import vmm.wire.supervisor.ConfigureRequest.Owner;
import vmm.wire.supervisor.ConfigureRequest.Sandbox;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.StartResponse;

/** What a guest that owns its tender can still reach: every attempt is tried. */
class SandboxTest {
    private static final int PIDS = 6;
    private static final Owner OWN = new Owner(2_000_001, 2_000_001);
    private static final Owner OTHER = new Owner(2_000_002, 2_000_002);

    @TempDir private Path folder;

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), said).isZero();
        return said;
    }

    private static void assumePossible() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc");
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "needs root and /dev/net/tun");
        assumeTrue(Files.isWritable(Path.of("/sys/fs/cgroup")), "needs root and control groups");
    }

    private Path compile() throws IOException, InterruptedException {
        Path source = folder.resolve("prisoner.c");
        try (InputStream in = SandboxTest.class.getResourceAsStream("prisoner.c")) {
            assertThat(in).isNotNull();
            Files.copy(in, source);
        }
        Path program = folder.resolve("prisoner");
        run("/usr/bin/gcc", "-O1", "-w", "-o", program.toString(), source.toString());
        return program;
    }

    private static ConfigureRequest confined(
            String domain, Owner user, List<String> readable, List<String> writable) {
        return ConfigureRequest.of(
                        domain, List.of(new Network("service", "br0")), Optional.of(user))
                .withLimits(new CgroupProfile(0, 64 << 20))
                .confined(
                        user,
                        readable,
                        writable,
                        "tender",
                        new Sandbox(List.of("net/tun"), true, PIDS, 500, 5));
    }

    private static String start(Calls calls, ConfigureRequest request) throws Exception {
        Calls.ok(calls.post("/configure", request.json()));
        byte[] started = Calls.ok(calls.call("/start", request.domain()));
        return StartResponse.parse(started).taps().getOrDefault("service", "");
    }

    private static long exec(
            Calls calls, String domain, Path program, List<String> arguments, Path output)
            throws Exception {
        return Calls.pid(
                calls.post(
                        "/exec",
                        ExecRequest.of(
                                        domain,
                                        "tender",
                                        program.toString(),
                                        arguments,
                                        Optional.of(output.toString()),
                                        List.of())
                                .json()));
    }

    @Test
    void prisoner_reachesNothingButItsOwn() throws Exception {
        assumePossible();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path program = compile();
        Path own = Files.write(folder.resolve("own"), new byte[64 << 10]);
        Path foreign = Files.writeString(folder.resolve("foreign"), "block");
        Path output = Files.createFile(folder.resolve("output"));
        String net = "vmm-test-" + ProcessHandle.current().pid() + "-cell";
        run("ip", "netns", "add", net);
        try {
            run("ip", "-n", net, "link", "add", "br0", "type", "bridge");
            run("ip", "-n", net, "link", "set", "br0", "up");
            // "ip netns exec" would hide the control groups behind a new /sys.
            var inside = List.of("nsenter", "--net=/run/netns/" + net);
            try (var supervisor = SeparateSupervisor.start(folder, inside)) {
                Path sleep = Path.of("/bin/sleep").toRealPath();
                String otherTap =
                        start(
                                supervisor,
                                confined(
                                        "other",
                                        OTHER,
                                        List.of(sleep.toString()),
                                        List.of(foreign.toString())));
                long other = exec(supervisor, "other", sleep, List.of("100"), output);
                String tap =
                        start(
                                supervisor,
                                confined(
                                        "d",
                                        OWN,
                                        List.of(program.toString()),
                                        List.of(own.toString())));
                String socket = SeparateSupervisor.socket(folder).toString();
                exec(
                        supervisor,
                        "d",
                        program,
                        List.of(
                                Long.toString(supervisor.process.pid()),
                                Long.toString(other),
                                foreign.toString(),
                                program.toString(),
                                own.toString(),
                                socket,
                                otherTap,
                                tap),
                        output);
                assertThat(supervisor.event("d").data())
                        .isEqualTo(EventData.exited("d", "tender", 0));
                check(attempts(output));
                var domains =
                        DomainsResponse.parse(
                                Calls.ok(supervisor.client().get("/domains", Calls.PATIENCE)));
                assertThat(domains.domains().getFirst().processes().getFirst().ended())
                        .as("the other one lives")
                        .isEmpty();
                check(supervisor, other);
                Calls.ok(supervisor.stop("d", Calls.PATIENCE));
                assertThat(own).hasSize(64 << 10);
                assertThat(Files.getPosixFilePermissions(own))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            }
            long end = System.nanoTime() + Calls.PATIENCE.toNanos();
            while (run("ip", "-n", net, "link").contains("vmmtap") && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(run("ip", "-n", net, "link")).doesNotContain("vmmtap");
        } finally {
            run("ip", "netns", "delete", net);
        }
    }

    private static Map<String, Integer> attempts(Path output) throws IOException {
        var attempts = new LinkedHashMap<String, Integer>();
        for (String line : Files.readAllLines(output)) {
            String[] words = line.split(" ", 2);
            attempts.put(words[0], Integer.parseInt(words[1]));
        }
        return attempts;
    }

    private static void check(Map<String, Integer> attempts) {
        assertThat(attempts).hasSizeGreaterThan(80).containsKey("end");
        assertThat(attempts.remove("forks")).isLessThan(PIDS);
        var done = new ArrayList<String>();
        attempts.forEach(
                (attempt, error) -> {
                    if ((error == 0) != attempt.startsWith("allowed")) {
                        done.add(attempt + " " + error);
                    }
                });
        assertThat(done).as("what must be refused, or must be allowed and was not").isEmpty();
    }

    /** What is set from outside. */
    private static void check(SeparateSupervisor supervisor, long pid) throws IOException {
        Path proc = Path.of("/proc/" + pid);
        assertThat(Files.readString(proc.resolve("oom_score_adj")).strip()).isEqualTo("500");
        String status = Files.readString(proc.resolve("status"));
        assertThat(status)
                .contains("Uid:\t2000002\t2000002\t2000002\t2000002")
                .contains("Gid:\t2000002\t2000002\t2000002\t2000002")
                .contains("Groups:\t \n")
                .contains("NoNewPrivs:\t1")
                .contains("Seccomp:\t2")
                .contains("CapBnd:\t0000000000000000");
        assertThat(Files.readString(proc.resolve("stat"))).contains(" 25 5 ");
        assertThat(supervisor.process.isAlive()).isTrue();
    }

    @Test
    void memoryCeiling_killsAPrisoner_withTheCause() throws Exception {
        assumePossible();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path output = Files.createFile(folder.resolve("output"));
        Path dd = Path.of("/bin/dd").toRealPath();
        try (var supervisor = SeparateSupervisor.start(folder, List.of())) {
            var request =
                    ConfigureRequest.of("d", List.of(), Optional.empty())
                            .withLimits(new CgroupProfile(0, 32 << 20))
                            .confined(
                                    OWN,
                                    List.of(dd.toString()),
                                    List.of(),
                                    "tender",
                                    new Sandbox(List.of("zero", "null"), true, PIDS, 500, 5));
            start(supervisor, request);
            exec(
                    supervisor,
                    "d",
                    dd,
                    List.of("if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"),
                    output);
            assertThat(supervisor.event("d").data()).isEqualTo(EventData.oomKilled("d", "tender"));
        }
    }
}
