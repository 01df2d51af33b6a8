package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Network devices of the built-in tender, on taps in a network namespace: our own guests, and
 * Solo5's where {@code -Dsolo5.tests=DIR} says that they are.
 */
class TenderNetTest {
    private Network network;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Tender.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
        assumeTrue(Network.isPossible(), "network namespaces cannot be made here (root, iproute2)");
        network = Network.withBridge("service0");
        tap("tap0");
        network.inside("ip", "link", "set", "tap0", "master", "service0");
        tap("tap1");
        network.inside("ip", "address", "add", "10.1.0.1/24", "dev", "tap1");
    }

    @AfterEach
    void stop() {
        if (network != null) {
            network.close();
        }
    }

    private void tap(String name) throws IOException {
        network.inside("ip", "tuntap", "add", name, "mode", "tap");
        network.inside("ip", "link", "set", name, "up");
    }

    private String ping(String address) throws IOException {
        return network.inside("ping", "-c", "3", "-i", "0.2", "-w", "20", address);
    }

    /** A frame, which nobody answers, to tap1. */
    private void sendSomething() throws IOException {
        network.inside("sh", "-c", "ping -c 1 -w 1 10.1.0.2; true");
    }

    private Tender start(Object... arguments) throws IOException {
        return Tender.start(network.prefix(), arguments);
    }

    private static Path ours(String name) throws IOException, InterruptedException {
        return Guests.guest(name + ".hvt");
    }

    private static Path solo5(String name) {
        String folder = System.getProperty("solo5.tests", "");
        assumeTrue(!folder.isEmpty(), "-Dsolo5.tests=DIR does not say where Solo5's guests are");
        Path file = Path.of(folder, name + ".hvt");
        assumeTrue(Files.exists(file), "there is no " + file);
        return file;
    }

    @Test
    void guest_answersArpAndEcho_withTheMacItWasGiven() throws Exception {
        try (Tender tender =
                start(
                        "--mem=2",
                        "--net:service=tap0",
                        "--net-mac:service=02:00:00:00:12:34",
                        ours("net"),
                        "verbose",
                        "count=4")) {
            assertThat(tender.await("mtu")).contains("mac 02:00:00:00:12:34 ip 10.0.0.2 mtu");
            assertThat(ping("10.0.0.2")).contains(" 0% packet loss");
            assertThat(network.inside("ip", "neigh", "show", "10.0.0.2"))
                    .contains("02:00:00:00:12:34");
            assertThat(tender.rest()).contains("service: answered arp", "service: answered echo");
            assertThat(tender.status()).isZero();
        }
    }

    @Test
    void guest_servesTwoDevices_eachInItsTurn() throws Exception {
        try (Tender tender =
                start("--mem=2", "--net:service=tap0", "--net:private=tap1", ours("net2"))) {
            tender.await("ip 10.1.0.2");
            assertThat(ping("10.0.0.2")).contains(" 0% packet loss");
            assertThat(ping("10.1.0.2")).contains(" 0% packet loss");
            assertThat(ping("10.0.0.2")).contains(" 0% packet loss");
        }
    }

    @Test
    void guest_isToldTheMtuOfItsTap_andAMacOfItsOwn() throws Exception {
        network.inside("ip", "link", "set", "tap1", "mtu", "9000");
        try (Tender tender = start("--mem=2", "--net:service=tap1", ours("net"))) {
            assertThat(tender.await("\n"))
                    .matches("ready: service mac [0-9a-f][26ae]:.* ip 10.0.0.2 mtu 9000\n");
        }
    }

    @Test
    void tap_staysAndIsFree_whenItsTenderWasEnded() throws Exception {
        for (int round = 0; round < 2; round++) {
            Tender tender = start("--mem=2", "--net:service=tap1", ours("net"), "ip=10.1.0.2");
            try (tender) {
                tender.await("mtu");
                assertThat(ping("10.1.0.2")).contains(" 0% packet loss");
                tender.terminate();
                assertThat(tender.status()).isEqualTo(1);
            }
            assertThat(network.inside("ip", "-br", "link", "show", "tap1")).contains("NO-CARRIER");
        }
    }

    @Test
    void tap_isRefused_whileAnotherTenderHasIt() throws Exception {
        try (Tender first = start("--mem=2", "--net:service=tap0", ours("net"))) {
            first.await("mtu");
            try (Tender second = start("--mem=2", "--net:service=tap0", ours("net"))) {
                assertThat(second.rest()).isEmpty();
                assertThat(second.errors()).contains("tap0: Device or resource busy");
                assertThat(second.status()).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nowhere0,No such file or directory",
        "service0,Invalid argument",
        "a-name-much-too-long,File name too long",
        "down0,Network is down"
    })
    void interface_isRefused_thatIsNoTapOrDown(String name, String reason) throws Exception {
        network.inside("ip", "tuntap", "add", "down0", "mode", "tap");
        try (Tender tender = start("--mem=2", "--net:service=" + name, ours("net"))) {
            assertThat(tender.rest()).isEmpty();
            assertThat(tender.errors())
                    .contains("Could not attach interface: " + name + ": " + reason);
            assertThat(tender.status()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "blkcall",
                "shortframe",
                "empty",
                "neglen",
                "badptr",
                "readptr",
                "readlen",
                "rostruct"
            })
    void guest_isEnded_thatMisusesItsNetwork(String probe) throws Exception {
        try (Tender tender = start("--mem=2", "--net:service=tap1", ours("probe-net"), probe)) {
            assertThat(tender.rest()).contains("probe " + probe).doesNotContain("survived");
            assertThat(tender.errors()).isNotEmpty().doesNotContain("defect");
            assertThat(tender.status()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"good,ret=0x0", "handles,read2=0x2", "wide,ret=0x2", "burst,survived"})
    void guest_goesOn_whenItTriesWhatItMay(String probe, String answer) throws Exception {
        try (Tender tender = start("--mem=2", "--net:service=tap1", ours("probe-net"), probe)) {
            assertThat(tender.rest()).contains(answer, "survived " + probe);
            assertThat(tender.errors()).isEmpty();
            assertThat(tender.status()).isZero();
        }
    }

    @Test
    void frame_isCut_toTheGuestsBuffer() throws Exception {
        try (Tender tender = start("--mem=2", "--net:service=tap1", ours("probe-net"), "cut")) {
            tender.await("probe cut");
            sendSomething();
            assertThat(tender.rest()).contains("len=0x10", "guard=0xa5", "survived cut");
        }
    }

    @Test
    void text_isNotOverwritten_byAFrame() throws Exception {
        try (Tender tender =
                start("--mem=2", "--net:service=tap1", ours("probe-net"), "readtext")) {
            tender.await("probe readtext");
            sendSomething();
            assertThat(tender.rest()).doesNotContain("changed=0x1");
            assertThat(tender.errors()).contains("Invalid guest access");
            assertThat(tender.status()).isEqualTo(1);
        }
    }

    @Test
    void solo5Net_answers_whenPinged() throws Exception {
        try (Tender tender =
                start("--mem=16", "--net:service0=tap0", solo5("test_net"), "verbose")) {
            tender.await("Serving ping");
            assertThat(ping("10.0.0.2")).contains(" 0% packet loss");
            assertThat(tender.await("Received ping, sending reply")).contains("arp");
        }
    }

    @Test
    void solo5NetWithTwoDevices_answersOnBoth() throws Exception {
        try (Tender tender =
                start(
                        "--mem=16",
                        "--net:service0=tap0",
                        "--net:service1=tap1",
                        solo5("test_net_2if"),
                        "verbose")) {
            tender.await("Serving ping on 10.1.0.2");
            assertThat(ping("10.0.0.2")).contains(" 0% packet loss");
            assertThat(ping("10.1.0.2")).contains(" 0% packet loss");
        }
    }

    @Test
    void solo5Mtu_isThatOfTheTap() throws Exception {
        network.inside("ip", "link", "set", "tap1", "mtu", "9000");
        try (Tender tender = start("--mem=16", "--net:service0=tap1", solo5("test_net_mtu"))) {
            assertThat(tender.rest()).contains("MTU is 9000");
            assertThat(tender.status()).isZero();
        }
    }
}
