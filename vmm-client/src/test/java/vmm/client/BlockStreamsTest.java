package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.channel.FrameWriter;

class BlockStreamsTest {
    @TempDir Path folder;

    private static byte[] content() {
        byte[] content = new byte[300_000];
        new Random(3).nextBytes(content);
        Arrays.fill(content, 70_000, 200_000, (byte) 0);
        return content;
    }

    private static void dump(Message command, FrameWriter writer, byte[] sent, boolean end)
            throws IOException {
        boolean compressed =
                command.payload() instanceof Payload.Asked(Command.BlockDump(var level))
                        && level > 0;
        writer.send(Message.done(command.header(), new Success.BlockImage(compressed)));
        Bytes all = compressed ? Images.compressed(Bytes.of(sent), 5) : Bytes.of(sent);
        for (int from = 0; from < all.length(); from += 10_000) {
            Bytes piece = all.slice(from, Math.min(10_000, all.length() - from));
            writer.send(Message.telling(command.header(), new Data.Chunk(piece)));
        }
        if (end) {
            writer.send(Message.telling(command.header(), new Data.End()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "5"})
    void dumpBlock_writesWhatCame_compressedOrNot(String level) throws Exception {
        Path file = folder.resolve("out");
        try (Tiny server = new Tiny(folder, (c, w) -> dump(c, w, content(), true))) {
            Run run =
                    Run.vmm(
                            "dump-block",
                            "b",
                            file.toString(),
                            "--compression-level",
                            level,
                            "--socket",
                            server.socket.toString());
            assertThat(run).isEqualTo(new Run(0, "dumped block device to " + file + "\n", ""));
            assertThat(file).hasBinaryContent(content());
        }
    }

    @Test
    void dumpBlock_leavesNothing_whenTheConnectionBreaks() throws Exception {
        try (Tiny server = new Tiny(folder, (c, w) -> dump(c, w, content(), false))) {
            Path file = folder.resolve("out");
            Run run = Run.vmm("dump-block", "b", file.toString(), "--socket", "" + server.socket);
            assertThat(run.exit()).isEqualTo(ExitCode.COMMUNICATION_FAILED);
            try (var left = Files.list(folder)) {
                assertThat(left).containsExactly(server.socket);
            }
        }
    }

    /** albatross 2.5.0 to 2.7.2 inflates the first 64 KiB of a chunk, and damages the rest. */
    @Test
    void setBlock_sendsNoCompressedChunk_thatAlbatrossDamages() throws Exception {
        Path file = Files.write(folder.resolve("in"), content());
        try (Tiny server =
                new Tiny(
                        folder,
                        (c, w) -> w.send(Message.done(c.header(), new Success.Text("set"))))) {
            Run run =
                    Run.vmm(
                            "set-block",
                            "b",
                            file.toString(),
                            "--compression-level",
                            "1",
                            "--socket",
                            server.socket.toString());
            assertThat(run).isEqualTo(new Run(0, "set\n", ""));
            var sent = new ByteArrayInputStream(server.streamed.take().toArray());
            assertThat(new InflaterInputStream(sent)).hasBinaryContent(content());
        }
    }

    @Test
    void setBlock_saysWhatAnOldServerTakes_whenTheFileIsTooLarge() throws Exception {
        Path file = folder.resolve("large");
        try (var channel =
                java.nio.channels.FileChannel.open(
                        file,
                        java.nio.file.StandardOpenOption.CREATE_NEW,
                        java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), Images.IMAGE_BYTES_MAX);
        }
        Run run = Run.vmm("set-block", "b", file.toString(), "--wire-release", "2.4");
        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("that release take at once");
    }

    @Test
    void wireRelease_namesTheReleaseThatBroughtIt_whenTheOldOneCannot() {
        for (List<String> line :
                List.of(
                        List.of("inactive-consoles", "--wire-release", "2.6.0"),
                        List.of("restart", "x", "--wire-release", "1.4"),
                        List.of("restart", "x", "--replace-arguments", "--wire-release", "2.3"))) {
            Run run = Run.vmm(line.toArray(String[]::new));
            assertThat(run.exit()).as(line.toString()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).as(line.toString()).contains("came with");
        }
    }

    @Test
    void progress_fitsItsColumns() {
        String wide = Progress.line("set b", 0, 50 << 20, 100 << 20, 1_000_000_000L, 80);
        assertThat(wide)
                .matches("set b  \\[#+\\.+]  50 %  50.0 MiB of 100 MiB  50.0 MiB/s  1 s left")
                .hasSizeLessThan(80);
        assertThat(Progress.line("set b", 0, 50 << 20, 100 << 20, 1_000_000_000L, 40)).hasSize(39);
        assertThat(Progress.line("dump b", 0, 50 << 20, 0, 2_000_000_000L, 80))
                .isEqualTo("dump b  50.0 MiB  25.0 MiB/s");
    }

    @ParameterizedTest
    @CsvSource({
        "0,false,vmm create-block",
        "1,true,destroy the unikernel that uses it",
        "1,false,data exceeds block size",
        "2,false,writing block data"
    })
    void setBlock_saysWhatIsWrongWithTheDevice_whenTheEndpointDoesNot(
            int sizeMiB, boolean active, String said) throws Exception {
        var device = new Success.BlockDevice(Name.parse("b"), sizeMiB, active);
        var devices = new Success.BlockDevices(sizeMiB == 0 ? List.of() : List.of(device));
        Path file = Files.write(folder.resolve("content"), new byte[(1 << 20) + 1]);
        try (Tiny server =
                new Tiny(
                        folder,
                        (c, w) ->
                                w.send(
                                        c.payload() instanceof Payload.Asked(Command.BlockInfo _)
                                                ? Message.done(c.header(), devices)
                                                : Message.failed(
                                                        c.header(), "writing block data")))) {
            Run run = Run.vmm("set-block", "b", "" + file, "-q", "--socket", "" + server.socket);
            assertThat(run.exit()).isEqualTo(ExitCode.REMOTE_COMMAND_FAILED);
            assertThat(run.err()).contains(said);
        }
    }
}
