package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.core.UnikernelInfo;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Header.Version;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/**
 * The life of a unikernel and a block device in every release's words, against the real daemons.
 */
class DialectTest {
    /** Which forms a release sends: the comments of the grammar. */
    enum Release {
        R1_0(Version.AV3, Form.Config.V2, Form.Info.V1, Form.Get.V1, true, true),
        R1_1(Version.AV4, Form.Config.V3, Form.Info.V2, Form.Get.V2, true, true),
        R1_4(Version.AV4, Form.Config.V3, Form.Info.V2, Form.Get.V2, true, true),
        R1_5(Version.AV5, Form.Config.V3, Form.Info.V2, Form.Get.V3, true, true),
        R2_0(Version.AV5, Form.Config.V3, Form.Info.V2, Form.Get.V3, true, true),
        R2_1(Version.AV5, Form.Config.V3, Form.Info.V3, Form.Get.V3, false, true),
        R2_4(Version.AV5, Form.Config.V3, Form.Info.V4, Form.Get.V3, false, true),
        R2_5(Version.AV5, Form.Config.V3, Form.Info.V4, Form.Get.V3, false, false),
        R2_6(Version.AV5, Form.Config.V4, Form.Info.V5, Form.Get.V3, false, false),
        R2_7(Version.AV5, Form.Config.V5, Form.Info.V6, Form.Get.V3, false, false);

        private final Version version;
        private final Form.Config config;
        private final Form.Info info;
        private final Form.Get get;
        private final boolean utc;
        private final boolean wholeBlocks;

        Release(
                Version version,
                Form.Config config,
                Form.Info info,
                Form.Get get,
                boolean utc,
                boolean wholeBlocks) {
            this.version = version;
            this.config = config;
            this.info = info;
            this.get = get;
            this.utc = utc;
            this.wholeBlocks = wholeBlocks;
        }
    }

    private static Suite suite;
    private static byte[] disk;
    private static byte[] ticker;
    private long sequence = 42;

    @BeforeAll
    static void start() throws Exception {
        Suite.needsKvm();
        suite = Suite.start();
        disk = Files.readAllBytes(Guests.guest("disk.hvt"));
        ticker = Files.readAllBytes(Guests.guest("ticker.hvt"));
    }

    @AfterAll
    static void stop() {
        if (suite != null) {
            suite.close();
        }
    }

    private static Message decode(Bytes bytes) {
        return switch (WireCodec.decode(bytes)) {
            case Decoded.Of<Message>(var message) -> message;
            case Decoded.Malformed<Message> bad -> throw new AssertionError(bad);
        };
    }

    private static Message receive(FrameReader reader) throws IOException {
        try (var frame = reader.next(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
            if (frame == null) {
                throw new AssertionError("closed\n" + suite.logOf("vmmd"));
            }
            return decode(Bytes.of(frame.bytes().toArray()));
        }
    }

    private static SocketChannel connect(String socket) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(suite.socket(socket)));
    }

    private Header header(Release release, String name) {
        return new Header(release.version, ++sequence, Name.parse(name));
    }

    private Success ask(Release release, String name, Command command) throws IOException {
        Header header = header(release, name);
        try (var channel = connect("vmmd")) {
            new FrameWriter(channel).send(Message.asking(header, command));
            return done(header, receive(new FrameReader(channel)));
        }
    }

    private static Success done(Header asked, Message reply) {
        assertThat(reply.header().version()).isEqualTo(asked.version());
        assertThat(reply.header().sequence()).isEqualTo(asked.sequence());
        assertThat(reply.header().name().labels()).isEqualTo(asked.name().labels());
        if (reply.payload() instanceof Payload.Done(var success)) {
            return success;
        }
        throw new AssertionError(reply + "\n" + suite.logOf("vmmd"));
    }

    private static Arguments arguments(List<BlockDevice> blocks, String... argv) {
        return new Arguments(
                FailBehaviour.QUIT,
                OptionalLong.empty(),
                true,
                new TreeSet<>(List.of(0L)),
                16,
                blocks,
                List.of(),
                Optional.of(List.of(argv)),
                1,
                Optional.empty());
    }

    private static Command create(
            Release release, boolean force, byte[] image, Arguments arguments) {
        var config = new UnikernelConfig(Typ.SOLO5, false, Bytes.of(image), arguments);
        return new Command.Create(force, release.config, config);
    }

    @ParameterizedTest
    @EnumSource
    void unikernel_livesAndIsToldOf_inTheFormOfTheRelease(Release release) throws Exception {
        var policy = Policy.of(List.of(0L, 1L), 3, 64, OptionalLong.of(4), List.of());
        policyThenInfo(release, policy);
        var running = create(release, false, ticker, arguments(List.of(), "ms=20"));
        assertThat(ask(release, "foo:bar:tick", running))
                .isEqualTo(new Success.Text("created unikernel"));
        info(release);
        console(release);
        assertThat(image(ask(release, "foo:bar:tick", new Command.GetImage(release.get, 0))))
                .isEqualTo(ticker);
        var again = create(release, true, ticker, arguments(List.of(), "ms=30"));
        assertThat(ask(release, "foo:bar:tick", again))
                .isEqualTo(new Success.Text("created unikernel"));
        if (release.compareTo(Release.R1_5) >= 0) {
            Form.Restart form =
                    release.compareTo(Release.R2_4) >= 0
                            ? Form.Restart.V2_ARGUMENTS_V0
                            : Form.Restart.V1;
            ask(release, "foo:bar:tick", new Command.Restart(form, Optional.empty()));
        }
        assertThat(ask(release, "foo:bar:tick", new Command.Destroy()))
                .isEqualTo(new Success.Text("destroyed unikernel"));
        assertThat(suite.tenders()).isEmpty();
        assertThat(ask(release, "foo:bar:", new Command.PolicyRemove()))
                .isEqualTo(new Success.Text("removed policy"));
    }

    private void policyThenInfo(Release release, Policy policy) throws IOException {
        Header adding = header(release, "foo:bar:");
        try (var channel = connect("vmmd")) {
            var writer = new FrameWriter(channel);
            var reader = new FrameReader(channel);
            writer.send(Message.asking(adding, new Command.PolicyAdd(policy)));
            assertThat(done(adding, receive(reader))).isEqualTo(new Success.Text("added policy"));
            Header asking = header(release, "foo:");
            writer.send(Message.asking(asking, new Command.PolicyInfo()));
            assertThat(done(asking, receive(reader)))
                    .isInstanceOfSatisfying(
                            Success.Policies.class,
                            p ->
                                    assertThat(p.policies())
                                            .containsExactly(
                                                    new Success.Named<>(
                                                            Name.parse("bar:"), policy)));
        }
    }

    private void info(Release release) throws IOException {
        var asked = new Command.UnikernelInfo(release.info);
        switch (ask(release, "foo:", asked)) {
            case Success.Unikernels(var all) -> {
                assertThat(release.info).isEqualTo(Form.Info.V1);
                assertThat(all.getFirst().name().labels()).hasSize(2);
                assertThat(all.getFirst().value().image().isEmpty()).isTrue();
            }
            case Success.Info(var form, var all) -> {
                assertThat(form).isEqualTo(release.info);
                UnikernelInfo info = all.getFirst().value();
                assertThat(all.getFirst().name().labels()).hasSize(2);
                assertThat(info.memoryMiB()).isEqualTo(16);
                assertThat(info.digest().length()).isEqualTo(32);
            }
            case Success other -> throw new AssertionError(other);
        }
        assertThat(ask(release, "foo:bar:tick", asked).toString()).contains("tick");
    }

    private static byte[] image(Success success) {
        return switch (success) {
            case Success.Image(boolean compressed, var image) when !compressed -> image.toArray();
            case Success.Unikernels(var one) -> one.getFirst().value().image().toArray();
            case Success other -> throw new AssertionError(other);
        };
    }

    private void console(Release release) throws IOException {
        Header header = header(release, "foo:bar:tick");
        var since = new Command.History.Since(Instant.EPOCH.plusSeconds(1_600_000_000));
        try (var channel = connect("console")) {
            new FrameWriter(channel)
                    .send(Message.asking(header, new Command.ConsoleSubscribe(release.utc, since)));
            var reader = new FrameReader(channel);
            done(header, receive(reader));
            Message line = receive(reader);
            assertThat(line.header().version()).isEqualTo(release.version);
            assertThat(line.payload())
                    .isInstanceOfSatisfying(
                            Payload.Told.class,
                            told ->
                                    assertThat(told.data())
                                            .isInstanceOfSatisfying(
                                                    Data.ConsoleLine.class,
                                                    l ->
                                                            assertThat(l.utc())
                                                                    .isEqualTo(release.utc)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void blockDevice_keepsItsContent_inTheFormOfTheRelease(Release release) throws Exception {
        byte[] content = new byte[300_000];
        Arrays.fill(content, (byte) 7);
        Command add =
                release.wholeBlocks
                        ? new Command.BlockAddOld(1, false, Optional.empty())
                        : new Command.BlockAdd(1);
        assertThat(ask(release, "foo:storage", add))
                .isEqualTo(new Success.Text("added block device"));
        set(release, content);
        assertThat(dump(release)).isEqualTo(Arrays.copyOf(content, 1 << 20));
        assertThat(ask(release, "foo:", new Command.BlockInfo()))
                .isEqualTo(
                        new Success.BlockDevices(
                                List.of(new Success.BlockDevice(Name.parse("storage"), 1, false))));
        var device = new BlockDevice("storage", Optional.empty(), OptionalLong.empty());
        ask(
                release,
                "foo:disk",
                create(release, false, disk, arguments(List.of(device), "ms=60000")));
        assertThat(ask(release, "foo:storage", new Command.BlockInfo()).toString())
                .contains("active=true");
        ask(release, "foo:disk", new Command.Destroy());
        assertThat(ask(release, "foo:storage", new Command.BlockRemove()))
                .isEqualTo(new Success.Text("removed block"));
    }

    private void set(Release release, byte[] content) throws IOException {
        if (release.wholeBlocks) {
            var set = new Command.BlockSetOld(false, Bytes.of(content));
            assertThat(ask(release, "foo:storage", set))
                    .isEqualTo(new Success.Text("set block device"));
            return;
        }
        Header header = header(release, "foo:storage");
        try (var channel = connect("vmmd")) {
            var writer = new FrameWriter(channel);
            writer.send(Message.asking(header, new Command.BlockSet(false)));
            for (int at = 0; at < content.length; at += 4096) {
                writer.sendChunk(Bytes.view(content, at, Math.min(4096, content.length - at)));
            }
            writer.sendEnd();
            assertThat(done(header, receive(new FrameReader(channel))))
                    .isEqualTo(new Success.Text("set block device"));
        }
    }

    private byte[] dump(Release release) throws IOException {
        if (release.wholeBlocks) {
            return ask(release, "foo:storage", new Command.BlockDumpOld(0))
                            instanceof Success.BlockImageOld(boolean _, var image)
                    ? image.toArray()
                    : new byte[0];
        }
        Header header = header(release, "foo:storage");
        var content = new ByteArrayOutputStream();
        try (var channel = connect("vmmd")) {
            new FrameWriter(channel).send(Message.asking(header, new Command.BlockDump(0)));
            var reader = new FrameReader(channel);
            assertThat(done(header, receive(reader))).isEqualTo(new Success.BlockImage(false));
            while (receive(reader).payload() instanceof Payload.Told(Data.Chunk(var chunk))) {
                content.write(chunk.toArray());
            }
        }
        return content.toByteArray();
    }
}
