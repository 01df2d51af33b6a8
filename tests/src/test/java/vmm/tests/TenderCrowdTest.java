package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A hundred tenders side by side: all speak, all end when asked, nothing of them stays. */
class TenderCrowdTest {
    private static final int CROWD = 100;

    private static final int TAPS = 20;

    /** Two a second: what the JVM does now and then must not bring it before the sandbox. */
    private static final int TICKS = 12;

    /** What the quickest must keep; the others wait for a processor when the machine is busy. */
    private static final double MILLIS_TO_END_MAX = 100;

    @BeforeEach
    void needs() {
        assumeTrue(Tender.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
    }

    @Test
    void hundred_runSideBySide_andEndWhenTerminated() throws Exception {
        Path guest = Guests.guest("ticker.hvt");
        crowd(
                List.of(),
                CROWD,
                "tick " + TICKS + "\n",
                i -> new Object[] {"--mem=2", "--", guest, "ms=500", "number=" + i});
    }

    @Test
    void taps_areAllFree_whenTheirTendersWereEnded() throws Exception {
        assumeTrue(Network.isPossible(), "network namespaces cannot be made here (root, iproute2)");
        Path guest = Guests.guest("net.hvt");
        try (Network network = Network.withBridge("service0")) {
            var lines = new StringBuilder();
            for (int i = 0; i < TAPS; i++) {
                lines.append("ip tuntap add tap%d mode tap && ".formatted(i))
                        .append("ip link set tap%d master service0 up && ".formatted(i));
            }
            network.inside("sh", "-c", lines + "true");
            crowd(
                    network.prefix(),
                    TAPS,
                    "mtu",
                    i -> new Object[] {"--mem=2", "--net:service=tap" + i, guest});
            Instant end = Instant.now().plus(Suite.PATIENCE);
            List<String> busy;
            do { // the kernel tells of a lost carrier once a second
                List<String> taps =
                        network.inside("ip", "-br", "link", "show", "type", "tun").lines().toList();
                assertThat(taps).hasSize(TAPS);
                busy = taps.stream().filter(tap -> !tap.contains("NO-CARRIER")).toList();
            } while (!busy.isEmpty() && Instant.now().isBefore(end));
            assertThat(busy).isEmpty();
        }
    }

    private interface Arguments {
        Object[] of(int index);
    }

    private static void crowd(List<String> prefix, int count, String said, Arguments arguments)
            throws IOException, InterruptedException {
        var all = new ArrayList<Tender>();
        try {
            for (int i = 0; i < count; i++) {
                all.add(Tender.start(prefix, arguments.of(i)));
            }
            for (Tender tender : all) {
                tender.await(said);
            }
            double least = Double.MAX_VALUE;
            for (Tender tender : all) {
                long asked = System.nanoTime();
                tender.terminate();
                assertThat(tender.status()).isEqualTo(1);
                least = Math.min(least, (System.nanoTime() - asked) / 1e6);
                assertThat(tender.errors()).isEqualTo("vmm-tender: Exiting on signal 15\n");
                assertThat(Path.of("/proc/" + tender.pid())).doesNotExist();
            }
            assertThat(least).isLessThan(MILLIS_TO_END_MAX);
        } finally {
            all.forEach(Tender::close);
        }
    }
}
