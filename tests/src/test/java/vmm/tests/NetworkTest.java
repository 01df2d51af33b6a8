package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest on a real bridge in a network namespace, from the client's create to its destroy. */
class NetworkTest {
    private Network network;
    private Suite suite;

    @BeforeEach
    void start() throws IOException {
        Suite.needsKvm();
        assumeTrue(Network.isPossible(), "network namespaces cannot be made here (root, iproute2)");
        network = Network.withBridge("service0");
        suite = Suite.start(network.prefix());
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

    private String taps() throws IOException {
        return network.inside("ip", "-br", "link", "show", "type", "tun");
    }

    private String guest(String name) throws IOException, InterruptedException {
        return Guests.guest(name + ".hvt").toString();
    }

    @Test
    void guest_answersPing_andItsTapGoesWithIt() throws Exception {
        suite.ok("create", "net", guest("net"), "--net", "service:service0", "--no-add-name");
        assertThat(taps()).contains("vmmtap0").contains("UP");
        assertThat(network.inside("bridge", "link")).contains("vmmtap0").contains("service0");
        assertThat(network.inside("ping", "-c", "3", "-i", "0.2", "-w", "10", "10.0.0.2"))
                .contains(" 0% packet loss");
        suite.ok("restart", "net");
        assertThat(network.inside("ping", "-c", "1", "-w", "10", "10.0.0.2"))
                .contains("1 received");
        suite.ok("destroy", "net");
        assertThat(taps()).isEmpty();
    }

    @Test
    void vmmdKilled_guestAnswersOn_andItsTapGoesAtLast() throws Exception {
        suite.ok("create", "net", guest("net"), "--net", "service:service0", "--no-add-name");
        suite.crash("vmmd");
        assertThat(network.inside("ping", "-c", "1", "-w", "10", "10.0.0.2"))
                .contains("1 received");
        suite.startDaemon("vmmd");
        suite.ok("destroy", "net");
        assertThat(taps()).isEmpty();
    }

    @Test
    void create_leavesNothing_withoutItsBridge() throws Exception {
        var before = suite.belongings();
        Suite.Result refused = suite.vmm("create", "net", guest("net"), "--net", "service:other0");
        assertThat(refused.exit()).isEqualTo(117);
        assertThat(refused.err()).contains("other0");
        assertThat(taps()).isEmpty();
        assertThat(suite.belongings()).isEqualTo(before);
    }
}
