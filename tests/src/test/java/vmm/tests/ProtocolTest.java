package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** What strange clients can say to the living daemons: each is answered, and none ends one. */
class ProtocolTest {
    private static final byte[] POLICY_INFO =
            Bytes.ofHex("301a3010020105040800000000000000000c013aa006a404a0020500").toArray();
    private static final List<String> SOCKETS = List.of("vmmd", "console", "stat");

    private static Suite suite;
    private static StatsProcess stats;
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        suite = Suite.start();
        stats = StatsProcess.start(suite.tmp(), List.of());
    }

    @AfterAll
    static void stop() {
        if (stats != null) {
            stats.close();
        }
        if (suite != null) {
            suite.close();
        }
    }

    private static SocketChannel connect(String socket) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(suite.socket(socket)));
    }

    private static Payload ask(Message message) throws IOException {
        return raw("vmmd", FrameWriter.frame(message)).orElseThrow().payload();
    }

    /** What a daemon answers to these bytes and nothing more; empty if it closes. */
    private static Optional<Message> raw(String socket, ByteBuffer bytes) throws IOException {
        try (var channel = connect(socket)) {
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.shutdownOutput();
            } catch (IOException closedAlready) {
                assertThat(closedAlready).hasMessageContaining("Broken pipe");
            }
            try (var frame = new FrameReader(channel).next(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
                return frame == null
                        ? Optional.empty()
                        : Optional.of(decode(Bytes.of(frame.bytes().toArray())));
            } catch (IOException reset) {
                return Optional.empty();
            }
        }
    }

    private static Message decode(Bytes bytes) {
        return switch (WireCodec.decode(bytes)) {
            case Decoded.Of<Message>(var message) -> message;
            case Decoded.Malformed<Message> bad -> throw new AssertionError(bad);
        };
    }

    private static ByteBuffer framed(byte[] content) {
        return ByteBuffer.allocate(4 + content.length).putInt(content.length).put(content).flip();
    }

    private static Optional<Message> framed(String socket, byte[] content) throws IOException {
        return raw(socket, framed(content));
    }

    private static void assertAlive() throws IOException {
        assertThat(ask(Message.asking(Header.of(Name.ROOT), new Command.PolicyInfo())))
                .isInstanceOf(Payload.Done.class);
        assertThat(
                        raw(
                                        "console",
                                        FrameWriter.frame(
                                                Message.asking(
                                                        Header.of(Name.ROOT),
                                                        new Command.ConsoleListInactive())))
                                .orElseThrow()
                                .payload())
                .isInstanceOf(Payload.Done.class);
        try (var subscriber = stats.subscribe(":")) {
            assertThat(subscriber).isNotNull();
        }
    }

    private static String failure(Payload payload) {
        return payload instanceof Payload.Failed(var why) ? why : "no failure: " + payload;
    }

    private static Message creating(String name, byte[] image, long memoryMiB, long cpu) {
        var arguments =
                new Arguments(
                        FailBehaviour.QUIT,
                        OptionalLong.empty(),
                        false,
                        new TreeSet<>(List.of(cpu)),
                        memoryMiB,
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        1,
                        Optional.empty());
        var config = new UnikernelConfig(Typ.SOLO5, false, Bytes.of(image), arguments);
        return Message.asking(
                Header.of(Name.parse(name)), new Command.Create(false, Form.Config.V5, config));
    }

    /** BEHAVIOUR 14.1: a header whose sequence number is too short kills a daemon. */
    @Test
    void shortSequence_isMalformed_andKillsNobody() throws IOException {
        byte[] cut =
                Bytes.ofHex("3019300f020105040700000000000000" + "0c013aa006a404a0020500")
                        .toArray();
        for (String socket : SOCKETS) {
            framed(socket, cut);
        }
        assertAlive();
    }

    /** BEHAVIOUR 14.2: so do an ELF header followed by zeros, and some lengths of ff. */
    @Test
    void elfHeaderAndZeros_areRefused_andKillNobody() throws IOException {
        byte[] image = new byte[4096];
        System.arraycopy(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}, 0, image, 0, 7);
        assertThat(failure(ask(creating("elf", image, 32, 0)))).contains("image cannot be used");
        image[16] = 2;
        image[18] = 62;
        Arrays.fill(image, 20, 4096, (byte) 0xff);
        assertThat(failure(ask(creating("elf", image, 32, 0)))).contains("image cannot be used");
        byte[] lengths = Bytes.ofHex("3088ffffffffffffffff3010").toArray();
        for (String socket : SOCKETS) {
            framed(socket, lengths);
        }
        assertAlive();
    }

    /** BEHAVIOUR 14.11: a peer that says stats initial and then nothing stops vmmd for all. */
    @Test
    void silentStatsPeer_holdsUpNobody() throws Exception {
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
        try (var silent = connect("vmmd")) {
            new FrameWriter(silent)
                    .send(Message.asking(Header.of(Name.ROOT), new Command.StatsInitial()));
            String guest = Guests.guest("ticker.hvt").toString();
            for (int i = 0; i < 3; i++) {
                assertThat(suite.vmm("create", "quiet", guest, "--no-add-name").exit()).isZero();
                assertThat(suite.vmm("destroy", "quiet").exit()).isZero();
            }
        }
    }

    /** BEHAVIOUR 14.16: without a policy memory of 2^62-1 or -1 and cpu 77 are accepted. */
    @Test
    void absurdResources_areRefused_byWhatTheHostHas() throws Exception {
        byte[] image = {0};
        assertThat(failure(ask(creating("big", image, Policy.UNLIMITED, 0)))).contains("memory");
        assertThat(failure(ask(creating("big", image, -1, 0)))).contains("memory");
        assertThat(failure(ask(creating("big", image, 32, 77)))).contains("77");
        var block = Message.asking(Header.of(Name.parse("b")), new Command.BlockAdd(1L << 62 >> 1));
        assertThat(failure(ask(block))).contains("MB");
    }

    /** BEHAVIOUR 14.20: unknown tags and versions are closed without a word. */
    @Test
    void unknownTagsAndVersions_areAnswered() throws IOException {
        byte[] version = POLICY_INFO.clone();
        version[6] = 9;
        byte[] tag = POLICY_INFO.clone();
        tag[24] = (byte) 0xaf;
        for (String socket : SOCKETS) {
            assertThat(failure(framed(socket, version).orElseThrow().payload()))
                    .contains("version");
            assertThat(failure(framed(socket, tag).orElseThrow().payload()))
                    .contains("not understood");
        }
    }

    /** BEHAVIOUR 14.21: labels .. and . and empty ones become file names. */
    @Test
    void dots_neverBecomeFileNames() throws IOException {
        for (String name : List.of("..", ".", "foo:..")) {
            assertThat(failure(ask(creating(name, new byte[] {0}, 32, 0)))).contains("dots");
            var block = Message.asking(Header.of(Name.parse(name)), new Command.BlockAdd(1));
            assertThat(failure(ask(block))).contains("dots");
        }
    }

    /** BEHAVIOUR 14.25: remove_policy -n foo of a version-4 client removes the root's policy. */
    @Test
    void removePolicyOfVersion4_removesTheOneThatIsNamed() throws IOException {
        var policy = Policy.of(List.of(0L), 1, 32, OptionalLong.empty(), List.of());
        ask(Message.asking(Header.of(Name.parse("foo4:")), new Command.PolicyAdd(policy)));
        var old = new Header(Header.Version.AV4, 0, Name.parse("foo4:"));
        assertThat(ask(Message.asking(old, new Command.PolicyRemove())))
                .isEqualTo(new Payload.Done(new Success.Text("removed policy")));
        assertThat(ask(Message.asking(Header.of(Name.ROOT), new Command.PolicyInfo())).toString())
                .contains(Long.toString(Policy.UNLIMITED))
                .doesNotContain("foo4");
    }

    /** BEHAVIOUR 14.26: the listen backlog is 1, bursts of connections fail. */
    @Test
    void burstOfConnections_isServed() throws Exception {
        var all = new ArrayList<SocketChannel>();
        try {
            for (int i = 0; i < 300; i++) {
                all.add(connect(SOCKETS.get(i % SOCKETS.size())));
            }
            assertAlive();
            var last = all.get(297);
            last.write(framed(POLICY_INFO));
            assertThat(new FrameReader(last).next(FrameReader.IMAGE_FRAME_BYTES_MAX)).isNotNull();
        } finally {
            for (SocketChannel one : all) {
                one.close();
            }
        }
    }

    @Test
    void lengthsThatLie_areClosed_andNothingIsAllocatedForThem() throws IOException {
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 30}) {
            for (String socket : SOCKETS) {
                ByteBuffer bytes = ByteBuffer.allocate(8).putInt(length).putInt(0).flip();
                assertThat(raw(socket, bytes)).as("%d on %s", length, socket).isEmpty();
            }
        }
        assertAlive();
    }

    /** Every kind of message that the original sent, cut and with flipped bits. */
    @Test
    void mutatedMessages_areAnsweredOrClosed_andKillNobody() throws IOException {
        for (byte[] vector : vectors()) {
            byte[] cut = Arrays.copyOf(vector, random.nextInt(vector.length));
            byte[] flipped = vector.clone();
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
            for (String socket : SOCKETS) {
                framed(socket, cut);
                if (!mayChange(flipped)) {
                    framed(socket, flipped);
                }
                raw(socket, framed(vector).limit(4 + random.nextInt(vector.length)));
            }
        }
        assertThat(suite.belongings()).as("-Dseed=%d", seed).isEmpty();
        assertAlive();
    }

    /** True for a mutation that still is a command: it would do what it says, or wait. */
    private static boolean mayChange(byte[] bytes) {
        return WireCodec.decode(Bytes.of(bytes)) instanceof Decoded.Of<Message>(var message)
                && message.payload() instanceof Payload.Asked;
    }

    private static List<byte[]> vectors() throws IOException {
        var found = new ArrayList<byte[]>();
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(
                                        Objects.requireNonNull(
                                                ProtocolTest.class.getResourceAsStream(
                                                        "/session-2.7.2.jsonl.gz"))),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int at = line.indexOf("\"hex\": \"");
                if (at > 0 && !line.contains("\"chunk\"")) {
                    String hex = line.substring(at + 8, line.indexOf('"', at + 8));
                    if (hex.length() < 10_000) {
                        found.add(Bytes.ofHex(hex).toArray());
                    }
                }
            }
        }
        return found;
    }
}
