package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** The content of block devices on its way through the living vmmd, whole and torn. */
class BlockCutsTest {
    private static final int CUTS = 50;
    private static final int DEVICE_BYTES = 1 << 20;

    @TempDir static Path folder;
    private static Suite suite;
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** How a client may send content. */
    enum Form {
        CHUNKS_AS_ALBATROSS(false, false, 4096),
        CHUNKS_COMPRESSED(false, true, 4096),
        LARGE_CHUNKS(false, false, 64 << 10),
        WHOLE(true, false, 0),
        WHOLE_COMPRESSED(true, true, 0);

        private final boolean whole;
        private final boolean compressed;
        private final int chunk;

        Form(boolean whole, boolean compressed, int chunk) {
            this.whole = whole;
            this.compressed = compressed;
            this.chunk = chunk;
        }

        String device() {
            return "cuts:" + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }

        /** Every byte that a client sends to replace the content. */
        byte[] sent(byte[] content) throws IOException {
            Bytes data = Bytes.of(compressed ? deflated(content) : content);
            var command = whole ? new Command.BlockSetOld(compressed, data) : chunked();
            var all = new ByteArrayOutputStream();
            try (var channel = Channels.newChannel(all)) {
                ByteBuffer head =
                        FrameWriter.frame(Message.asking(Header.of(Name.parse(device())), command));
                channel.write(head);
                for (int at = 0; !whole && at < data.length(); at += chunk) {
                    int length = Math.min(chunk, data.length() - at);
                    channel.write(ByteBuffer.allocate(4).putInt(length).flip());
                    channel.write(data.slice(at, length).asBuffer());
                }
                if (!whole) {
                    channel.write(ByteBuffer.allocate(4));
                }
            }
            return all.toByteArray();
        }

        private Command chunked() {
            return new Command.BlockSet(compressed);
        }
    }

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        suite = Suite.start();
        assertThat(suite.vmm("add-policy", "cuts", "1", "--block", "100").exit()).isZero();
    }

    @AfterAll
    static void stop() {
        if (suite != null) {
            suite.close();
        }
    }

    /** BEHAVIOUR 14.14: a torn block set leaves half of the new content, or a shorter file. */
    @ParameterizedTest
    @EnumSource
    void content_isTheOldOrTheNew_whereverItIsTorn(Form form) throws Exception {
        ok("create-block", form.device(), "1");
        byte[] old = content(700_000);
        set(form, old);
        byte[] sent = form.sent(content(900_000));
        for (int cut = 0; cut < CUTS; cut++) {
            int at = cut == 0 ? sent.length - 1 : random.nextInt(sent.length);
            try (var channel = connect()) {
                send(channel, Arrays.copyOf(sent, at));
                if (random.nextBoolean()) {
                    channel.shutdownOutput();
                    assertThat(channel.read(ByteBuffer.allocate(1)))
                            .as("an answer, or the end")
                            .isBetween(-1, 1);
                }
            }
            assertThat(Arrays.equals(dumped(form), Arrays.copyOf(old, DEVICE_BYTES)))
                    .as("%s torn at %d of %d, seed %d", form, at, sent.length, seed)
                    .isTrue();
        }
        byte[] last = content(DEVICE_BYTES);
        set(form, last);
        assertThat(Arrays.equals(dumped(form), last)).isTrue();
        assertThat(suite.belongings())
                .as("nothing is left beside the devices")
                .noneMatch(file -> file.contains("~"));
        ok("destroy-block", form.device());
    }

    @Test
    void content_comesBackAsItWas_throughTheClient() throws Exception {
        Path in = Files.write(folder.resolve("in"), content(DEVICE_BYTES - 5));
        byte[] whole = Arrays.copyOf(Files.readAllBytes(in), DEVICE_BYTES);
        ok("create-block", "cuts:client", "1");
        for (String level : new String[] {"0", "9"}) {
            ok("set-block", "cuts:client", in.toString(), "--compression-level", level);
            for (String release : new String[] {"2.7.2", "2.5.0", "2.4.0", "1.4.0"}) {
                Path out = folder.resolve("out");
                ok(
                        "dump-block",
                        "cuts:client",
                        out.toString(),
                        "--force",
                        "--wire-release",
                        release);
                assertThat(out).as("%s at level %s", release, level).hasBinaryContent(whole);
            }
        }
        Path longer = Files.write(folder.resolve("longer"), new byte[DEVICE_BYTES + 1]);
        var refused = suite.vmm("set-block", "cuts:client", longer.toString());
        assertThat(refused.exit()).isEqualTo(117);
        assertThat(refused.err()).contains("exceeds block size");
        Path out = folder.resolve("after");
        ok("dump-block", "cuts:client", out.toString());
        assertThat(out).hasBinaryContent(whole);
        ok("destroy-block", "cuts:client");
    }

    private static void ok(String... arguments) {
        var result = suite.vmm(arguments);
        assertThat(result.exit()).as("vmm %s: %s", Arrays.asList(arguments), result.err()).isZero();
    }

    /** Content with a hole and with noise. */
    private byte[] content(int length) {
        byte[] content = new byte[length];
        random.nextBytes(content);
        Arrays.fill(content, length / 4, length / 2, (byte) 0);
        return content;
    }

    private static byte[] deflated(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zlib = new DeflaterOutputStream(out)) {
            zlib.write(content);
        }
        return out.toByteArray();
    }

    private static SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(suite.socket("vmmd")));
    }

    private static void send(SocketChannel channel, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static void set(Form form, byte[] content) throws IOException {
        Suite.await("the device is free", () -> !isBusy(form));
        try (var channel = connect()) {
            send(channel, form.sent(content));
            assertThat(answer(channel).payload())
                    .isEqualTo(new Payload.Done(new Success.Text("set block device")));
        }
    }

    /** What is on the device, as soon as nobody writes it any more. */
    private static byte[] dumped(Form form) throws IOException {
        Suite.await("the device is free", () -> !isBusy(form));
        return Files.readAllBytes(suite.db().resolve("block").resolve(form.device()));
    }

    /** Reads the whole dump: until its end the device is busy with it. */
    private static boolean isBusy(Form form) {
        try (var channel = connect()) {
            var command = new Command.BlockDump(0);
            send(channel, framed(Message.asking(Header.of(Name.parse(form.device())), command)));
            var frames = new FrameReader(channel);
            Payload answer = answer(frames).payload();
            if (answer instanceof Payload.Failed(var why)) {
                assertThat(why).as("why it is not dumped").contains("try again");
                return true;
            }
            while (!(answer instanceof Payload.Told(Data.End()))) {
                answer = answer(frames).payload();
            }
            return false;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] framed(Message message) {
        ByteBuffer frame = FrameWriter.frame(message);
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    private static Message answer(SocketChannel channel) throws IOException {
        return answer(new FrameReader(channel));
    }

    private static Message answer(FrameReader frames) throws IOException {
        try (var frame = frames.next(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
            if (frame == null) {
                throw new AssertionError("vmmd closed without an answer");
            }
            return switch (WireCodec.decode(Bytes.of(frame.bytes().toArray()))) {
                case Decoded.Of<Message>(var message) -> message;
                case Decoded.Malformed<Message> bad -> throw new AssertionError(bad);
            };
        }
    }
}
