package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of devices and of KVM, against what others say of the same guests. */
class StatsTruthTest {
    private static final double ERROR_MAX = 0.02;
    private static final long DEVICE_BYTES = 4 << 20;

    private Network network;
    private Suite suite;
    private StatsProcess stats;

    @BeforeEach
    void isPossible() {
        assumeTrue(StatsProcess.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
    }

    /**
     * @param prefix what all daemons are started through
     */
    private void start(List<String> prefix) throws IOException {
        suite = Suite.start(prefix);
        var before = new ArrayList<>(prefix);
        before.addAll(StatsProcess.withoutRights());
        stats = StatsProcess.start(suite.tmp(), before);
    }

    @AfterEach
    void stop() {
        if (stats != null) {
            stats.close();
        }
        if (suite != null) {
            suite.close();
        }
        if (network != null) {
            network.close();
        }
    }

    private String create(String name, String guest, String... more) throws Exception {
        var command =
                new ArrayList<>(
                        List.of(
                                "create",
                                name,
                                Guests.guest(guest + ".hvt").toString(),
                                "--no-add-name"));
        command.addAll(List.of(more));
        Suite.Result result = suite.vmm(command.toArray(String[]::new));
        assertThat(result.exit()).as(result.err() + suite.logOf("vmmd")).isZero();
        return result.out();
    }

    private double told(String metric, String unikernel, String more) {
        return stats.metric(metric + "{path=\":\",unikernel=\"" + unikernel + "\"" + more + "}")
                .orElse(0.0);
    }

    private static void assertAgree(String what, double ours, double theirs) {
        assertThat(theirs).as(what).isPositive();
        assertThat(Math.abs(ours - theirs) / theirs)
                .as("%s: told %s, read %s", what, ours, theirs)
                .isLessThanOrEqualTo(ERROR_MAX);
    }

    /** A counter of the host's end, as ip(8) prints it: the first number below the headline. */
    private double counter(String tap, String headline) throws IOException {
        String said = network.inside("ip", "-s", "link", "show", "dev", tap);
        Matcher below = Pattern.compile(headline + ":.*\n\\s*([0-9]+)").matcher(said);
        assertThat(below.find()).as(said).isTrue();
        return Double.parseDouble(below.group(1));
    }

    @Test
    void trafficOfAPingedGuest_agreesWithTheKernels_andDropsOutWithItsTap() throws Exception {
        assumeTrue(Network.isPossible(), "network namespaces cannot be made here (root, iproute2)");
        network = Network.withBridge("service0");
        start(network.prefix());
        create("net", "net", "--net", "service:service0");
        network.inside("ping", "-c", "30", "-i", "0.05", "-s", "1000", "-w", "20", "10.0.0.2");
        String device = ",device=\"service\"";
        double pinged = 30 * (1000 + 8 + 20 + 14);
        Suite.await(
                "all of it was seen",
                () ->
                        told("vmm_unikernel_network_sent_bytes_total", "net", device)
                                >= 0.98 * pinged);
        // Stray neighbour discovery: both are read again until they stand still together.
        Suite.await(
                "both agree",
                () ->
                        agrees("vmm_unikernel_network_sent_bytes_total", device, "RX")
                                && agrees(
                                        "vmm_unikernel_network_received_bytes_total",
                                        device,
                                        "TX"));
        assertAgree(
                "sent",
                told("vmm_unikernel_network_sent_bytes_total", "net", device),
                counter("vmmtap0", "RX"));
        assertThat(told("vmm_unikernel_network_sent_packets_total", "net", device))
                .isGreaterThanOrEqualTo(30);
        network.inside("ip", "link", "delete", "vmmtap0");
        Suite.await(
                "no counters of a tap that is gone",
                () -> !stats.get("/metrics").contains("network_sent_bytes_total{path=\":\",unik"));
        assertThat(stats.get("/metrics")).startsWith("HTTP/1.1 200");
    }

    private boolean agrees(String metric, String device, String headline) {
        try {
            double theirs = counter("vmmtap0", headline);
            return Math.abs(told(metric, "net", device) - theirs) <= ERROR_MAX * theirs;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void bytesOfAWriter_agreeWithItsDevice() throws Exception {
        start(List.of());
        assertThat(suite.vmm("create-block", "storage", String.valueOf(DEVICE_BYTES >> 20)).exit())
                .isZero();
        create("writer", "writer", "--block", "storage@4096");
        Suite.await(
                "it has written",
                () ->
                        suite.vmm("console", "writer", "--no-follow")
                                .out()
                                .contains("wrote " + DEVICE_BYTES + " bytes"));
        Suite.await(
                "it was seen",
                () -> told("vmm_unikernel_io_written_bytes_total", "writer", "") >= DEVICE_BYTES);
        assertAgree(
                "written",
                told("vmm_unikernel_io_written_bytes_total", "writer", ""),
                DEVICE_BYTES);
        Path file = suite.db().resolve("block/storage");
        if (!Files.getFileStore(suite.db()).type().equals("tmpfs") && Files.exists(file)) {
            assertAgree(
                    "written to disks",
                    told("vmm_unikernel_storage_written_bytes_total", "writer", ""),
                    DEVICE_BYTES);
        }
    }

    @Test
    void countersOfKvm_areTold_ofAConfinedTender_toWhoHasNoRights() throws Exception {
        assumeTrue(
                Files.isWritable(Path.of("/sys/fs/cgroup"))
                        && System.getProperty("user.name").equals("root"),
                "only root makes sandboxes");
        start(List.of());
        create("ticker", "ticker", "--arg", "ms=20");
        assertThat(status(stats.pid(), "CapEff")).isEqualTo("0000000000000000");
        long tender = suite.tenders().getFirst().pid();
        assertThat(Long.parseLong(status(tender, "Uid"))).isGreaterThanOrEqualTo(1_900_000_000);
        String name = "vmm_unikernel_kvm{path=\":\",unikernel=\"ticker\",counter=\"vcpu0.exits\"}";
        Suite.await("exits are counted", () -> stats.metric(name).isPresent());
        double first = stats.metric(name).orElseThrow();
        Suite.await("they grow", () -> stats.metric(name).orElse(0.0) > first);
    }

    private static String status(long pid, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip().split("\\s+", 2)[0])
                .findFirst()
                .orElseThrow();
    }
}
