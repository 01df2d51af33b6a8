package vmm.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Form;
import vmm.wire.Message;
import vmm.wire.channel.Frame;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;

/** The endpoint over TLS 1.3, with the JDK's client on one side and played daemons on the other. */
class EndpointTest {
    private static final Command INFO = new Command.UnikernelInfo(Form.Info.V6);
    private static final int BURST = 60;
    private static final Duration REVOKED_WITHIN = Duration.ofSeconds(1);

    /** A busy machine may be late once or twice. */
    private static final int REVOCATIONS = 3;

    @TempDir Path folder;

    /** Answers every command by a text and closes after what is no policy. */
    static void answering(FrameReader reader, FrameWriter writer, BlockingQueue<Message> asked)
            throws IOException {
        while (true) {
            Message message = House.message(reader);
            asked.add(message);
            writer.send(Message.done(message.header(), "done"));
            if (!(message.payload() instanceof Message.Payload.Asked(Command.PolicyAdd _))) {
                return;
            }
        }
    }

    /** Says one line, then nothing, until the other side leaves. */
    static void streaming(FrameReader reader, FrameWriter writer, BlockingQueue<Message> asked)
            throws IOException {
        Message message = House.message(reader);
        writer.send(Message.done(message.header(), "subscribed"));
        try (Frame nothing = reader.next(FrameReader.SMALL_FRAME_BYTES_MAX)) {
            asked.add(message);
            assertThat(nothing).isNull();
        }
    }

    static Message answer(SSLSocket socket) throws IOException {
        return House.message(new FrameReader(Channels.newChannel(socket.getInputStream())));
    }

    static String failure(SSLSocket socket) throws IOException {
        return answer(socket).payload() instanceof Message.Payload.Failed(var why)
                ? why
                : "no failure";
    }

    private static void endsWith(SSLSocket socket, String alert) {
        assertThatThrownBy(() -> socket.getInputStream().read())
                .as("the end of the connection")
                .hasMessageContaining(alert);
    }

    @ParameterizedTest
    @CsvSource({"Ed25519,''", "RSA,2048", "EC,secp256r1", "EC,secp384r1", "EC,secp521r1"})
    void command_isAnswered_whateverTheKeyTypeOfBothSides(String algorithm, String size)
            throws Exception {
        KeyPair server = Certificates.keys(algorithm, size);
        KeyPair client = Certificates.keys(algorithm, size);
        try (var house = new House(folder, server, 10, House.PATIENCE, EndpointTest::answering)) {
            var leaf = Certificates.leaf("hello").commanding(INFO).signedBy(house.ca, client);
            try (SSLSocket socket = house.connect(List.of(leaf))) {
                Message answer = answer(socket);
                assertThat(answer.payload())
                        .isEqualTo(Message.done(answer.header(), "done").payload());
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            Message asked = house.asked.take();
            assertThat(asked.header().name()).isEqualTo(Name.parse("hello"));
        }
    }

    @Test
    void policies_areAddedFromTheTop_beforeTheCommand() throws Exception {
        try (House house = House.open(folder, EndpointTest::answering)) {
            var alice =
                    Certificates.authority("alice")
                            .commanding(Certificates.policy(3))
                            .signedBy(house.ca, Certificates.ed25519());
            var bob =
                    Certificates.authority("bob")
                            .commanding(Certificates.policy(2))
                            .signedBy(alice, Certificates.ed25519());
            var leaf =
                    Certificates.leaf("u").commanding(INFO).signedBy(bob, Certificates.ed25519());
            try (SSLSocket socket = house.connect(List.of(leaf, bob, alice))) {
                assertThat(answer(socket).header().name().toString()).isEqualTo("alice:bob:u");
            }
            assertThat(List.of(house.asked.take(), house.asked.take(), house.asked.take()))
                    .extracting(m -> m.header().name().toString())
                    .containsExactly("alice:", "alice:bob:", "alice:bob:u");
        }
    }

    @Test
    void leafOfTheRoot_isAnswered_whereItHasNoName_behaviour14_24() throws Exception {
        try (House house = House.open(folder, EndpointTest::answering)) {
            for (var draft :
                    List.of(
                            Certificates.leaf(""),
                            Certificates.leaf("."),
                            Certificates.leaf(":"),
                            Certificates.namelessLeaf())) {
                var leaf =
                        draft.commanding(new Command.PolicyInfo())
                                .signedBy(house.ca, Certificates.ed25519());
                try (SSLSocket socket = house.connect(List.of(leaf))) {
                    assertThat(answer(socket).header().name()).isEqualTo(Name.ROOT);
                }
            }
        }
    }

    @Test
    void refusals_areToldInWords_afterTheHandshake() throws Exception {
        try (House house = House.open(folder, EndpointTest::answering)) {
            try (SSLSocket socket = house.connect(house.chain("x", new Command.PolicyRemove()))) {
                assertThat(failure(socket)).startsWith("unexpected command");
            }
            try (SSLSocket socket = house.connect(house.chain("no/label", INFO))) {
                assertThat(failure(socket)).contains("bad name");
            }
            var bare = Certificates.leaf("x").signedBy(house.ca, Certificates.ed25519());
            try (SSLSocket socket = house.connect(List.of(bare))) {
                assertThat(failure(socket)).contains("albatross extension");
            }
            assertThat(house.asked).isEmpty();
        }
    }

    @Test
    void failuresOfADaemon_areTold_whateverItDoes() throws Exception {
        try (House house = House.open(folder, (_, _, _) -> {})) {
            try (SSLSocket socket = house.connect(house.chain("x", INFO))) {
                assertThat(failure(socket)).contains("vmmd ended the connection");
            }
            try (SSLSocket socket = house.connect(house.chain("x", new Command.StatsSubscribe()))) {
                assertThat(failure(socket)).contains("couldn't reach service stat");
            }
        }
    }

    @Test
    void handshake_endsWithTheAlertThatNamesTheFault() throws Exception {
        try (House house = House.open(folder, EndpointTest::answering)) {
            Instant now = Instant.now();
            var expired =
                    Certificates.leaf("x")
                            .commanding(INFO)
                            .valid(now.minusSeconds(60), now.minusSeconds(1))
                            .signedBy(house.ca, Certificates.ed25519());
            try (SSLSocket socket = house.connect(List.of(expired))) {
                endsWith(socket, "certificate_expired");
            }
            var stranger = Certificates.root("another CA");
            var others =
                    Certificates.leaf("x")
                            .commanding(INFO)
                            .signedBy(stranger, Certificates.ed25519());
            try (SSLSocket socket = house.connect(List.of(others))) {
                endsWith(socket, "unknown_ca");
            }
            try (SSLSocket socket = house.connect(List.of())) {
                endsWith(socket, "certificate_required");
            }
            var good = house.chain("x", INFO).getFirst();
            var stolen = new Certificates.Holder(good.certificate(), Certificates.ed25519());
            try (SSLSocket socket = house.connect(List.of(stolen))) {
                endsWith(socket, "decrypt_error");
            }
            assertThat(house.asked).isEmpty();
        }
    }

    @Test
    void chainThatIsFarTooLong_isRefusedAsBad() throws Exception {
        try (House house = House.open(folder, EndpointTest::answering)) {
            var chain = new ArrayList<>(List.of(house.ca));
            for (int i = 0; i < Chains.CERTIFICATES_MAX; i++) {
                chain.addFirst(
                        Certificates.authority("p" + i)
                                .signedBy(chain.getFirst(), Certificates.ed25519()));
            }
            chain.addFirst(
                    Certificates.leaf("x")
                            .commanding(INFO)
                            .signedBy(chain.getFirst(), Certificates.ed25519()));
            try (SSLSocket socket = house.connect(chain)) {
                endsWith(socket, "bad_certificate");
            }
        }
    }

    @Test
    void olderTls_isRefused() throws Exception {
        try (House house = House.open(folder, EndpointTest::answering);
                SSLSocket socket = house.connect(house.chain("x", INFO))) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(socket::startHandshake).hasMessageContaining("protocol_version");
        }
    }

    @Test
    void garbage_isClosedAtOnce_andSilence_atItsDeadline() throws Exception {
        Duration handshakeMax = Duration.ofSeconds(3);
        try (var house =
                        new House(
                                folder,
                                Certificates.ed25519(),
                                10,
                                handshakeMax,
                                EndpointTest::answering);
                var garbage = house.plain();
                var silent = house.plain();
                var slow = house.plain()) {
            slow.getOutputStream().write(22);
            Instant start = Instant.now();
            garbage.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            assertThat(ended(garbage.getInputStream())).isTrue();
            assertThat(Duration.between(start, Instant.now())).isLessThan(handshakeMax);
            assertThat(ended(silent.getInputStream())).isTrue();
            assertThat(ended(slow.getInputStream())).isTrue();
            assertThat(Duration.between(start, Instant.now()))
                    .isBetween(handshakeMax.dividedBy(2), House.PATIENCE);
        }
    }

    private static boolean ended(InputStream in) {
        try {
            return in.read() < 0;
        } catch (IOException reset) {
            return String.valueOf(reset.getMessage()).contains("reset");
        }
    }

    @Test
    void address_isHeldToItsLimit_andFreeAgainAfterwards() throws Exception {
        try (var house =
                new House(
                        folder,
                        Certificates.ed25519(),
                        2,
                        House.PATIENCE,
                        EndpointTest::answering)) {
            try (var one = house.plain();
                    var two = house.plain()) {
                await(() -> house.sessions() == 2);
                try (var three = house.plain()) {
                    assertThat(ended(three.getInputStream())).isTrue();
                }
                assertThat(one.isConnected() && two.isConnected()).isTrue();
            }
            await(() -> house.sessions() == 0);
            try (SSLSocket socket = house.connect(house.chain("x", INFO))) {
                assertThat(answer(socket).payload()).isInstanceOf(Message.Payload.Done.class);
            }
        }
    }

    @Test
    void revokedChain_isRefused_andItsSessionCutWithinASecond() throws Exception {
        try (House house = House.open(folder, EndpointTest::streaming)) {
            var chain = house.chain("x", INFO);
            int number = 1;
            Duration took = untilCut(house, chain, number);
            while (took.compareTo(REVOKED_WITHIN) > 0 && number < REVOCATIONS) {
                chain = house.chain("x", INFO);
                number++;
                took = untilCut(house, chain, number);
            }
            assertThat(took).isLessThan(REVOKED_WITHIN);
            try (SSLSocket socket = house.connect(chain)) {
                endsWith(socket, "certificate_revoked");
            }
            byte[] older = Certificates.crl(house.ca, number - 1, Optional.empty());
            Files.write(house.crls.resolve("ca.crl"), older);
            try (SSLSocket socket = house.connect(chain)) {
                endsWith(socket, "certificate_revoked");
            }
        }
    }

    /** From the list that names it in the folder to the end of a live session. */
    private static Duration untilCut(House house, List<Certificates.Holder> chain, int number)
            throws Exception {
        try (SSLSocket socket = house.connect(chain)) {
            answer(socket);
            var leaf = Optional.of(chain.getFirst().certificate());
            byte[] list = Certificates.crl(house.ca, number, leaf);
            Instant revoked = Instant.now();
            Files.write(house.crls.resolve("ca.crl"), list);
            assertThat(ended(socket.getInputStream())).isTrue();
            Duration took = Duration.between(revoked, Instant.now());
            assertThat(house.asked.poll(House.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("what the daemon saw end")
                    .isNotNull();
            return took;
        }
    }

    @Test
    void bursts_areAllAnswered_behaviour14_26() throws Exception {
        try (House house = House.open(folder, EndpointTest::answering)) {
            var chain = house.chain("x", INFO);
            var threads = new java.util.ArrayList<Thread>();
            var answered = new java.util.concurrent.atomic.AtomicInteger();
            for (int i = 0; i < BURST; i++) {
                threads.add(
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            try (SSLSocket socket = house.connect(chain)) {
                                                answer(socket);
                                                answered.incrementAndGet();
                                            } catch (IOException e) {
                                                throw new java.io.UncheckedIOException(e);
                                            }
                                        }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(answered).hasValue(BURST);
        }
    }

    static void await(java.util.function.BooleanSupplier condition) {
        Instant end = Instant.now().plus(House.PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("it never came").isBefore(end);
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }
}
