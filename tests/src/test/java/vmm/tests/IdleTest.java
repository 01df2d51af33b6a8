package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Unikernels that are paused while nobody asks them anything. */
class IdleTest {
    private Network network;
    private Suite suite;

    @BeforeEach
    void start() throws Exception {
        Suite.needsKvm();
        assumeTrue(Network.isPossible(), "network namespaces cannot be made here (root, iproute2)");
        assumeTrue(Files.isWritable(Path.of("/sys/fs/cgroup")), "control groups cannot be made");
        network = Network.withBridge("service0");
        suite = Suite.start(network.prefixWithGroups());
        vmm(
                "create",
                "net",
                Guests.guest("net.hvt").toString(),
                "--net",
                "service:service0",
                "--no-add-name");
        ping();
    }

    @AfterEach
    void stop() {
        if (suite != null) {
            suite.close();
        }
        if (network != null) {
            network.close();
        }
    }

    private String vmm(String... arguments) {
        return suite.ok(arguments).out();
    }

    private void ping() throws IOException {
        assertThat(network.inside("ping", "-c", "1", "-w", "20", "10.0.0.2"))
                .contains("1 received");
    }

    private long count(String event) {
        return vmm("events", "--format", "json")
                .lines()
                .filter(line -> line.contains("\"event\":\"" + event + "\""))
                .count();
    }

    @Test
    void silentUnikernel_isPaused_andTrafficWakesIt_againAndAgain() throws Exception {
        vmm("limits", "net", "--pause-when-idle", "2");
        for (int round = 1; round <= 2; round++) {
            int so = round;
            Suite.await("the pause", () -> count("paused") >= so);
            assertThat(vmm("events")).contains("awake for");
            ping();
            Suite.await("the wake", () -> count("resumed") >= so);
        }
        vmm("limits", "net", "--pause-when-idle", "none");
        // On a slow machine it may have been paused once more before that.
        ping();
        Suite.await("it is awake", () -> count("paused") == count("resumed"));
        long paused = count("paused");
        LockSupport.parkNanos(Duration.ofSeconds(4).toNanos());
        assertThat(count("paused")).as("no pause without the limit").isEqualTo(paused);
        vmm("destroy", "net");
        assertThat(suite.tenders()).isEmpty();
    }

    @Test
    void busyUnikernel_isNotPaused() throws Exception {
        vmm("limits", "net", "--pause-when-idle", "2");
        // One process that asks, as starting one for each could take longer than the limit.
        network.inside("ping", "-i", "0.2", "-w", "5", "10.0.0.2");
        assertThat(count("paused")).isZero();
    }

    @Test
    void pausedUntilTraffic_isWokenByIt_thoughVmmdWasKilled() throws Exception {
        vmm("pause", "net", "--until-traffic");
        suite.crash("vmmd");
        ping();
        suite.startDaemon("vmmd");
        Suite.await("it is known to run", () -> vmm("limits", "net").contains("net"));
        Suite.await("it can be paused again", () -> suite.vmm("pause", "net").exit() == 0);
        vmm("resume", "net");
        ping();
    }
}
