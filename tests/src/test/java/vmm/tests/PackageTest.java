package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The Debian package on a machine with systemd: from its installation to its removal. */
@TestMethodOrder(OrderAnnotation.class)
class PackageTest {
    private static final List<String> UNPRIVILEGED = List.of("vmmd", "vmm-console", "vmm-stats");

    /** How exposed systemd may find each unit, from 0 to 10. */
    private static final Map<String, Double> EXPOSURE_MAX =
            Map.of(
                    "vmmd",
                    1.5,
                    "vmm-console",
                    1.5,
                    "vmm-stats",
                    2.0,
                    "vmm-supervisor",
                    4.5,
                    "vmm-tls-endpoint",
                    2.0);

    private static final Pattern EXPOSURE =
            Pattern.compile("Overall exposure level for \\S+: ([0-9.]+)");

    private static Path deb;
    private static Machine machine;

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        Optional<String> problem = Machine.problem();
        assumeTrue(problem.isEmpty(), () -> problem.orElse(""));
        assumeTrue(
                Files.isExecutable(House.ROOT.resolve("dist/runtime/bin/java")),
                "dist/runtime is missing: this JDK cannot be cut down by jlink");
        Path guests = Guests.guest("ticker.hvt").getParent();
        deb = House.ROOT.resolve(make("deb"));
        var shown = new ArrayList<>(List.of(deb, guests));
        if (Guests.hasKvm()) {
            shown.add(Path.of("/dev/kvm"));
        }
        try {
            machine = Machine.boot(shown);
        } catch (IOException noMachine) {
            Assumptions.abort(String.valueOf(noMachine.getMessage()));
        }
        machine.inside("ip", "link", "add", "service0", "type", "bridge");
        machine.inside("ip", "address", "add", "10.0.0.1/24", "dev", "service0");
        machine.inside("ip", "link", "set", "service0", "up");
        machine.inside("dpkg", "-i", deb.toString());
    }

    /** The last line that a target of the Makefile printed. */
    private static String make(String target) throws IOException, InterruptedException {
        Process make =
                new ProcessBuilder("make", "-s", target)
                        .directory(House.ROOT.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String said = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(make.waitFor()).as("make " + target + ": " + said).isZero();
        return said.strip().lines().reduce("", (_, last) -> last);
    }

    @AfterAll
    static void stop() {
        if (machine != null) {
            machine.close();
        }
    }

    private static String vmm(String... arguments) {
        var command = new ArrayList<>(List.of("vmm"));
        command.addAll(List.of(arguments));
        return machine.inside(command.toArray(String[]::new));
    }

    private static String guest(String name) throws IOException, InterruptedException {
        return Guests.guest(name + ".hvt").toString();
    }

    private static long pid(String unit) {
        return Long.parseLong(machine.inside("systemctl", "show", "-P", "MainPID", unit).strip());
    }

    /** The processes that run an image of the store, inside. */
    private static String tenders() {
        return machine.tried("pgrep", "-f", "/var/lib/albatross/images/").out().strip();
    }

    private static void awaitConsole(String name, String text) {
        Suite.await(
                "'" + text + "' on the console of " + name,
                () ->
                        machine.tried("vmm", "console", name, "--no-follow", "--count", "1000")
                                .out()
                                .contains(text));
    }

    @Test
    @Order(1)
    void units_run_afterInstallation() {
        machine.inside(
                "systemctl", "is-active", "vmm-supervisor", "vmmd", "vmm-console", "vmm-stats");
        machine.inside("systemctl", "is-enabled", "vmm-supervisor", "vmmd", "vmmd.socket");
        assertThat(machine.inside("systemctl", "--failed", "--no-legend")).doesNotContain("vmm");
        assertThat(machine.inside("stat", "-c", "%U:%G %a", "/run/albatross/util/vmmd.sock"))
                .isEqualToIgnoringNewLines("vmm:vmm 660");
        assertThat(vmm("policy", "--format", "json")).contains("memory");
    }

    @Test
    @Order(2)
    void daemons_haveNoPrivilege() {
        UNPRIVILEGED.forEach(PackageTest::assertUnprivileged);
    }

    private static void assertUnprivileged(String unit) {
        String vmm = machine.inside("id", "-u", "vmm").strip();
        String status = machine.inside("cat", "/proc/" + pid(unit) + "/status");
        assertThat(status)
                .as(unit)
                .contains("Uid:\t" + vmm + "\t" + vmm + "\t" + vmm + "\t" + vmm + "\n")
                .contains("CapInh:\t0000000000000000\n")
                .contains("CapPrm:\t0000000000000000\n")
                .contains("CapEff:\t0000000000000000\n")
                .contains("CapBnd:\t0000000000000000\n")
                .contains("CapAmb:\t0000000000000000\n")
                .contains("NoNewPrivs:\t1\n")
                .contains("Seccomp:\t2\n");
    }

    @Test
    @Order(2)
    void units_areSound_andLittleExposed() {
        EXPOSURE_MAX.forEach(
                (unit, most) -> {
                    String found =
                            machine.inside("systemd-analyze", "security", "--no-pager", unit);
                    Matcher exposure = EXPOSURE.matcher(found);
                    assertThat(exposure.find()).as(found).isTrue();
                    assertThat(Double.parseDouble(exposure.group(1)))
                            .as(found)
                            .isLessThanOrEqualTo(most);
                });
        Suite.Result verified =
                machine.tried(
                        "sh",
                        "-c",
                        "systemd-analyze verify --man=no /usr/lib/systemd/system/vmm*.service"
                                + " /usr/lib/systemd/system/vmm*.socket");
        assertThat(verified.err().lines().filter(l -> l.contains("vmm"))).isEmpty();
    }

    /** Where the calls are forbidden, the supervisor takes the kernel for one without them. */
    @Test
    @Order(2)
    void supervisor_mayUseLandlock() {
        String allowed =
                machine.inside("systemctl", "show", "-P", "SystemCallFilter", "vmm-supervisor");
        assertThat(allowed.strip().split(" ", -1))
                .contains("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self");
    }

    @Test
    @Order(3)
    void unikernel_isManaged_fromCreateToDestroy() throws Exception {
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
        vmm("add-policy", "demo", "2", "--mem", "64", "--bridge", "service0", "--block", "10");
        vmm("create-block", "demo:storage", "1");
        vmm(
                "create",
                "demo:disk",
                guest("disk"),
                "--mem",
                "16",
                "--block",
                "storage",
                "--no-add-name");
        awaitConsole("demo:disk", "SUCCESS");
        vmm(
                "create",
                "demo:net",
                guest("net"),
                "--mem",
                "16",
                "--net",
                "service:service0",
                "--no-add-name");
        assertThat(machine.inside("ping", "-c", "2", "-i", "0.2", "-w", "10", "10.0.0.2"))
                .containsPattern("([2-9]|[0-9]{2}) received"); // the first ones may come late
        assertThat(vmm("info")).contains("demo:net");
        vmm("destroy", "demo:net");
        assertThat(tenders()).isEmpty();
        assertThat(vmm("info")).doesNotContain("demo:net");
    }

    /** vmm-stats is another user than each tender, and has no rights. */
    @Test
    @Order(4)
    void statistics_areWhole_thoughTendersAreShutIn() throws Exception {
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
        machine.inside("sh", "-c", "echo 'VMM_STATS_OPTIONS=--interval 1' >/etc/default/vmm-stats");
        machine.inside("systemctl", "restart", "vmm-stats");
        vmm("create-block", "demo:written", "4");
        vmm(
                "create",
                "demo:writer",
                guest("writer"),
                "--mem",
                "16",
                "--block",
                "storage:written@4096",
                "--no-add-name");
        vmm(
                "create",
                "demo:net",
                guest("net"),
                "--mem",
                "16",
                "--net",
                "service:service0",
                "--no-add-name");
        machine.inside("ping", "-c", "5", "-i", "0.2", "-s", "1000", "-w", "10", "10.0.0.2");
        awaitTold("io_written_bytes_total{path=\"demo:\",unikernel=\"writer\"}", 4 << 20);
        awaitTold("kvm{path=\"demo:\",unikernel=\"writer\",counter=\"vcpu0.exits\"}", 1);
        awaitTold("resident_memory_bytes{path=\"demo:\",unikernel=\"net\"}", 1 << 20);
        awaitTold(
                "network_sent_bytes_total{path=\"demo:\",unikernel=\"net\",device=\"service\"}",
                5000);
        awaitTold("cpu_seconds_total{path=\"demo:\",unikernel=\"net\",mode=\"user\"}", 0.01);
        assertUnprivileged("vmm-stats");
        vmm("destroy", "demo:net");
        vmm("destroy", "demo:writer");
    }

    private static void awaitTold(String metric, double atLeast) {
        String line = "vmm_unikernel_" + metric + " ";
        Suite.await(
                line + atLeast,
                () ->
                        machine.tried("curl", "-s", "http://127.0.0.1:9761/metrics")
                                .out()
                                .lines()
                                .filter(told -> told.startsWith(line))
                                .anyMatch(
                                        told ->
                                                Double.parseDouble(told.substring(line.length()))
                                                        >= atLeast));
    }

    @Test
    @Order(5)
    void unikernel_survives_restartsAndAnUpgrade() throws Exception {
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
        vmm("create", "ticker", guest("ticker"), "--mem", "16", "--arg", "ms=100", "--no-add-name");
        awaitConsole("ticker", "tick 3");
        String tender = tenders();
        assertThat(tender).isNotEmpty();

        long before = pid("vmmd");
        machine.inside("systemctl", "restart", "vmmd", "vmm-console");
        assertThat(pid("vmmd")).isNotEqualTo(before);
        assertThat(tenders()).isEqualTo(tender);
        assertThat(vmm("info")).contains("ticker");
        awaitConsole("ticker", "tick");

        before = pid("vmmd");
        long supervisorBefore = pid("vmm-supervisor");
        machine.inside("dpkg", "-i", deb.toString());
        assertThat(pid("vmmd")).isNotEqualTo(before);
        assertThat(pid("vmm-supervisor")).isNotEqualTo(supervisorBefore);
        assertThat(tenders()).isEqualTo(tender);
        assertThat(vmm("info")).contains("ticker");
        awaitConsole("ticker", "tick");
    }

    @Test
    @Order(6)
    void tlsEndpoint_waitsForItsCertificates_andListensWithoutPrivilege() {
        assertThat(machine.tried("systemctl", "is-active", "vmm-tls-endpoint").out())
                .startsWith("inactive");
        assumeTrue(Guests.program("openssl").isPresent(), "openssl is missing");
        machine.inside(
                "sh",
                "-ec",
                """
                install -d -m 700 -o vmm /etc/albatross
                cd /etc/albatross
                openssl req -x509 -newkey ed25519 -nodes -subj /CN=server.example \
                    -keyout server.key -out server.pem
                cp server.pem cacert.pem
                chown vmm *
                """);
        machine.inside("systemctl", "start", "vmm-tls-endpoint.socket", "vmm-tls-endpoint");
        assertUnprivileged("vmm-tls-endpoint");
        assertThat(
                        machine.tried(
                                        "sh",
                                        "-c",
                                        "openssl s_client -connect localhost:1025 </dev/null")
                                .out())
                .contains("server.example");
    }

    @Test
    @Order(7)
    void removal_endsEverything() {
        machine.inside("dpkg", "-P", "vmmd");
        Suite.await("no process of the suite is left", () -> tenders().isEmpty());
        assertThat(machine.tried("pgrep", "-u", "vmm").out()).isEmpty();
        assertThat(machine.tried("ls", "/run/albatross").out()).isEmpty();
        assertThat(machine.tried("ls", "/usr/lib/vmm").out()).isEmpty();
        assertThat(machine.inside("ip", "-br", "link", "show", "type", "tun")).isEmpty();
    }
}
