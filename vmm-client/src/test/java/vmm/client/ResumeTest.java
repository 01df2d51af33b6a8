package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.core.Bytes;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Form;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Prefix;
import vmm.wire.Success;
import vmm.wire.channel.FrameWriter;

/** Images and dumps go on where the connection broke, and so does what is set. */
class ResumeTest {
    private static final int CUT = 123_456;

    @TempDir Path folder;
    private final AtomicInteger connections = new AtomicInteger();

    private static byte[] content() {
        byte[] content = new byte[300_000];
        new Random(3).nextBytes(content);
        Arrays.fill(content, 100_000, 200_000, (byte) 0);
        return content;
    }

    private static Prefix prefix(byte[] content, int length) throws IOException {
        return Prefix.of(Channels.newChannel(new ByteArrayInputStream(content)), length);
    }

    private Run run(Tiny server, String... line) {
        var all = new java.util.ArrayList<>(List.of(line));
        all.addAll(List.of("--resume", "--socket", server.socket.toString()));
        return Run.vmm(all.toArray(String[]::new));
    }

    /** What this command wants of this content; empty for a command of no such kind. */
    private static byte[] wanted(Message command, byte[] content) {
        return switch (command.payload()) {
            case Payload.Asked(Command.BlockDumpFrom(_, var from)) -> rest(from, content);
            case Payload.Asked(Command.GetImageFrom(_, var from)) -> rest(from, content);
            case Payload _ -> content;
        };
    }

    private static byte[] rest(Prefix from, byte[] content) {
        return Arrays.copyOfRange(content, (int) from.bytes(), content.length);
    }

    private static void send(Message command, FrameWriter writer, byte[] bytes, boolean end)
            throws IOException {
        writer.send(Message.done(command.header(), new Success.BlockImage(false)));
        for (int at = 0; at < bytes.length; at += 10_000) {
            var piece = Bytes.view(bytes, at, Math.min(10_000, bytes.length - at));
            writer.send(Message.telling(command.header(), new Data.Chunk(piece)));
        }
        if (end) {
            writer.send(Message.telling(command.header(), new Data.End()));
        }
    }

    /** The first connection breaks. */
    private void breaking(Message command, FrameWriter writer) throws IOException {
        boolean first = connections.getAndIncrement() == 0;
        byte[] rest = wanted(command, content());
        send(command, writer, first ? Arrays.copyOf(rest, CUT) : rest, !first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dump-block", "get"})
    void whatIsFetched_comesFromWhereTheConnectionBroke(String verb) throws Exception {
        Path file = folder.resolve("out");
        try (Tiny server = new Tiny(folder, this::breaking)) {
            Run run = run(server, verb, "b", file.toString());
            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.err()).contains("trying again").hasLineCount(1);
            assertThat(file).hasBinaryContent(content());
            List<Prefix> sent = List.of(Prefix.NONE, prefix(content(), CUT));
            assertThat(server.asked)
                    .extracting(Message::payload)
                    .containsExactlyElementsOf(
                            sent.stream().map(from -> asking(verb, from)).toList());
            assertThat(left()).containsExactlyInAnyOrder(file, server.socket);
        }
    }

    private List<Path> left() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static Payload asking(String verb, Prefix from) {
        return new Payload.Asked(
                verb.equals("get")
                        ? new Command.GetImageFrom(0, from)
                        : new Command.BlockDumpFrom(0, from));
    }

    @Test
    void dumpBlock_goesOn_whereAnEarlierCommandWasEnded() throws Exception {
        Path file = folder.resolve("out");
        Files.write(folder.resolve(".out.part"), Arrays.copyOf(content(), CUT));
        try (Tiny server = new Tiny(folder, (c, w) -> send(c, w, wanted(c, content()), true))) {
            assertThat(run(server, "dump-block", "b", file.toString()).exit()).isZero();
            assertThat(server.asked.take().payload())
                    .isEqualTo(asking("dump-block", prefix(content(), CUT)));
            assertThat(file).hasBinaryContent(content());
        }
    }

    @Test
    void dumpBlock_startsAnew_whenTheDeviceWasChangedMeanwhile() throws Exception {
        Path file = folder.resolve("out");
        Files.write(folder.resolve(".out.part"), new byte[CUT]);
        try (Tiny server =
                new Tiny(
                        folder,
                        (c, w) -> {
                            if (wanted(c, content()).length < content().length) {
                                w.send(Message.failed(c.header(), "it was changed meanwhile"));
                            } else {
                                send(c, w, content(), true);
                            }
                        })) {
            Run run = run(server, "dump-block", "b", file.toString());
            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.err()).contains("changed meanwhile; from its start again");
            assertThat(file).hasBinaryContent(content());
        }
    }

    /** Who does not know the extension closes without a word, as albatross does. */
    @Test
    void get_takesItWhole_fromAServerThatCannotGoOn() throws Exception {
        Path file = folder.resolve("out");
        var image = new Success.Image(false, Bytes.of(content()));
        try (Tiny server =
                new Tiny(
                        folder,
                        (c, w) -> {
                            if (c.payload() instanceof Payload.Asked(Command.GetImage _)) {
                                w.send(Message.done(c.header(), image));
                            }
                        })) {
            Run run = run(server, "get", "x", file.toString());
            assertThat(run).isEqualTo(new Run(0, "dumped image to " + file + "\n", ""));
            assertThat(file).hasBinaryContent(content());
            assertThat(server.asked)
                    .extracting(Message::payload)
                    .contains(new Payload.Asked(new Command.GetImage(Form.Get.V3, 0)));
        }
    }

    @Test
    void get_keepsNothing_whenThereIsNoSuchUnikernel() throws Exception {
        try (Tiny server =
                new Tiny(folder, (c, w) -> w.send(Message.failed(c.header(), "not found")))) {
            Run run = run(server, "get", "x", folder.resolve("out").toString());
            assertThat(run.exit()).isEqualTo(ExitCode.REMOTE_COMMAND_FAILED);
            assertThat(left()).containsExactly(server.socket);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void setBlock_sendsWhatIsLeft_ofWhatIsHeld(boolean same) throws Exception {
        Path file = Files.write(folder.resolve("in"), content());
        Prefix held = prefix(same ? content() : new byte[CUT], CUT);
        try (Tiny server =
                new Tiny(
                        folder,
                        (c, w) ->
                                w.send(
                                        Message.done(
                                                c.header(),
                                                c.payload()
                                                                instanceof
                                                                Payload.Asked(Command.BlockHeld())
                                                        ? new Success.Held(held)
                                                        : new Success.Text("set"))))) {
            Run run = run(server, "set-block", "b", file.toString());
            assertThat(run).isEqualTo(new Run(0, "set\n", ""));
            Prefix from = same ? held : Prefix.NONE;
            assertThat(server.streamed.take()).isEqualTo(Bytes.of(rest(from, content())));
            assertThat(server.asked)
                    .extracting(Message::payload)
                    .containsExactly(
                            new Payload.Asked(new Command.BlockHeld()),
                            new Payload.Asked(new Command.BlockSetFrom(false, from)));
        }
    }
}
