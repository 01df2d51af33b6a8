package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Form;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;

class ClientMainTest {
    @TempDir Path folder;

    private Tiny answering(Success success) throws IOException {
        return new Tiny(
                folder, (command, writer) -> writer.send(Message.done(command.header(), success)));
    }

    private static Run vmm(Tiny server, String... arguments) {
        var all = new java.util.ArrayList<>(List.of(arguments));
        all.addAll(List.of("--socket", server.socket.toString()));
        return Run.vmm(all.toArray(String[]::new));
    }

    @Test
    void destroy_saysWhatWasDone_whenItSucceeds() throws Exception {
        try (Tiny server = answering(new Success.Text("destroyed unikernel"))) {
            Run run = vmm(server, "destroy", "foo:hello");
            assertThat(run).isEqualTo(new Run(0, "destroyed unikernel\n", ""));
            assertThat(server.asked.take().header().name()).isEqualTo(Name.parse("foo:hello"));
        }
    }

    @Test
    void destroy_exits117WithTheReason_whenItIsRefused() throws Exception {
        try (Tiny server =
                new Tiny(
                        folder,
                        (command, writer) ->
                                writer.send(
                                        Message.failed(command.header(), "destroy: not found")))) {
            assertThat(vmm(server, "destroy", "x"))
                    .isEqualTo(new Run(117, "", "vmm: destroy: not found: see vmm info\n"));
        }
    }

    @Test
    void anyCommand_exits117AndExplains_whenTheServerClosesWithoutAnswer() throws Exception {
        try (Tiny server = new Tiny(folder, (_, _) -> {})) {
            Run run = vmm(server, "info");
            assertThat(run.exit()).isEqualTo(117);
            assertThat(run.err()).contains("closed the connection").contains("--wire-release");
        }
    }

    @Test
    void info_speaksTheOldForm_whenAskedTo() throws Exception {
        try (Tiny server = new Tiny(folder, (_, _) -> {})) {
            vmm(server, "info", "--wire-release", "2.5.0");
            assertThat(server.asked.take().payload())
                    .isEqualTo(new Payload.Asked(new Command.UnikernelInfo(Form.Info.V4)));
        }
    }

    @Test
    void info_namesWhatWasAskedFor_whereAnOldServerDoesNot() throws Exception {
        var unnamed =
                new Success.Info(Form.Info.V2, List.of(TopModelTest.info(":", Instant.EPOCH)));
        try (Tiny server = answering(unnamed)) {
            assertThat(vmm(server, "info", "-n", "foo:hello", "--wire-release", "1.4.3").out())
                    .startsWith("name       foo:hello\n");
            assertThat(vmm(server, "info", "-q", "-n", "foo:hello").out()).isEqualTo("foo:hello\n");
        }
    }

    /** The parser's way and the one without it print the same. */
    @ParameterizedTest
    @ValueSource(strings = {"info", "policy", "block"})
    void plainCommand_doesAsTheParserWould(String verb) {
        for (String plain : List.of("", "-q", "--tmpdir /none", "--quiet --socket /none/s")) {
            String line = (verb + " " + plain).strip();
            Run run = Run.vmm(line.split(" ", -1));
            assertThat(run.exit()).as(line).isEqualTo(ExitCode.CONNECT_FAILED);
            assertThat(run).as(line).isEqualTo(Run.vmm((line + " --color never").split(" ", -1)));
        }
        for (String odd : List.of("--socket", "-q -q", "--format xml", "--tmpdir=/a --tmpdir /b")) {
            Run run = Run.vmm((verb + " " + odd).split(" ", -1));
            assertThat(run.exit()).as(odd).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).as(odd).contains("(see vmm " + verb + " --help)");
        }
    }

    @Test
    void anyCommand_exits122_whenThereIsNoSocket() {
        Run run = Run.vmm("info", "--socket", folder.resolve("none").toString());
        assertThat(run.exit()).isEqualTo(122);
        assertThat(run.err()).startsWith("vmm: no socket at ").hasLineCount(1);
    }

    @Test
    void anyCommand_exits122_whenNobodyListens() throws Exception {
        Tiny server = new Tiny(folder, (_, _) -> {});
        server.close();
        Run run = vmm(server, "info");
        assertThat(run.exit()).isEqualTo(122);
        assertThat(run.err()).contains("nobody listens on");
    }

    @Test
    void anyCommand_exits121_whenTheAnswerIsMalformed() throws Exception {
        Path socket = folder.resolve("tiny.sock");
        try (var server =
                java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            server.bind(java.net.UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try (var peer = server.accept()) {
                                    peer.write(
                                            java.nio.ByteBuffer.wrap(
                                                    new byte[] {0, 0, 0, 2, 0x30, 7}));
                                } catch (IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            });
            Run run = Run.vmm("info", "--socket", socket.toString());
            assertThat(run.exit()).isEqualTo(121);
            assertThat(run.err()).contains("malformed").hasLineCount(1);
        }
    }

    @Test
    void wrongUsage_exits124WithOneLine() {
        for (String line :
                List.of(
                        "",
                        "nonsense",
                        "create",
                        "create x",
                        "create x /nonexistent",
                        "create x /etc/passwd",
                        "create .. /etc/passwd",
                        "create x: /etc/passwd",
                        "create x /etc/passwd --net a:b:c",
                        "create x /etc/passwd --block a@100",
                        "create x /etc/passwd --mem many",
                        "create x /etc/passwd --exit-code 256 --restart",
                        "add-policy foo",
                        "add-policy foo 0",
                        "add-policy foo 4611686018427387904",
                        "create-block b 99999999999999999999",
                        "console x --count -1",
                        "info --destination host:0",
                        "info --destination :1025",
                        "info --destination host:65536",
                        "generate ca db --days 0",
                        "lint /etc/passwd",
                        "update x --http-host http://a_b",
                        "update x --http-host http://a:99999",
                        "info -n a..b:-c",
                        "info --format xml",
                        "console x --since yesterday",
                        "get x --compression-level 10")) {
            Run run = line.isEmpty() ? Run.vmm() : Run.vmm(line.split(" ", -1));
            assertThat(run.exit()).as(line).isEqualTo(124);
            if (!line.isEmpty()) {
                assertThat(run.err()).as(line).startsWith("vmm: ").hasLineCount(1);
            }
        }
    }

    @Test
    void badFiles_areRefusedWithOneLine() throws Exception {
        Map<String, String> files =
                Map.of(
                        "nul.yaml", "unikernels: {x: {image: \"a\\0b\"}}",
                        "deep.yaml", "[".repeat(1_000_000),
                        "cycle.yaml", "a: &a [*a]",
                        "binary.yaml", "\0",
                        "number.yaml", "policies: {p: {unikernels: 99999999999999999999}}");
        for (var file : files.entrySet()) {
            Path path = Files.writeString(folder.resolve(file.getKey()), file.getValue());
            Run run = Run.vmm("apply", "-f", path.toString());
            assertThat(run.exit()).as(file.getKey()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).as(file.getKey()).startsWith("vmm: ").hasLineCount(1);
        }
    }

    @Test
    void apply_refusesWhatIsNestedTooDeep_andNamesTheLine() throws Exception {
        String text = "policies:\n  p: " + "{a: ".repeat(1_000_000);
        Path path = Files.writeString(folder.resolve("deep.yaml"), text);
        Run run = Run.vmm("apply", "-f", path.toString());
        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("deep.yaml:2: no YAML: it is nested deeper than 32 levels:");
    }

    @Test
    void table_fitsTheTerminal_andMarksWhatItCuts() {
        var table = new Table("NAME", ">SIZE", "WHAT");
        table.row("a".repeat(90), "12 MiB", "kept");
        assertThat(table.render(false, () -> 80).lines()).allMatch(line -> line.length() <= 80);
        assertThat(table.render(false, () -> 80)).contains("a~  12 MiB  kept");
        assertThat(table.render(false, () -> Integer.MAX_VALUE)).contains("a".repeat(90));
    }

    @Test
    void request_isDumped_whenTheSocketIsADash() {
        Run run = Run.vmm("policy", "--socket", "-");
        assertThat(run.exit()).isEqualTo(121);
        assertThat(run.out())
                .isEqualTo(
                        """
                        out:
                        00000000: 301a 3010 0201 0504 0800 0000 0000 0000  0.0.............
                        00000010: 000c 013a a006 a404 a002 0500            ...:........
                        """);
    }

    @Test
    void policies_areATable_orJson_orNames() throws Exception {
        var policy =
                Policy.of(
                        List.of(0L, 1L, 2L, 5L),
                        Policy.UNLIMITED,
                        24_105,
                        OptionalLong.of(100),
                        List.of("br\033[2J"));
        var reply = new Success.Policies(List.of(new Success.Named<>(Name.ROOT, policy)));
        try (Tiny server = answering(reply)) {
            assertThat(vmm(server, "policy").out())
                    .isEqualTo(
                            """
                            PATH  UNIKERNELS    MEMORY    BLOCK  CPUS   BRIDGES
                            :      unlimited  23.5 GiB  100 MiB  0-2,5  br\\x1b[2J
                            """);
            assertThat(vmm(server, "policy", "--format", "json").out())
                    .isEqualTo(
                            """
                            [{"name":":","path":[],"label":null,"cpuids":[0,1,2,5],\
                            "unikernels":null,"memory_mib":24105,"block_mib":100,\
                            "bridges":["br\\u001B[2J"]}]
                            """);
            assertThat(vmm(server, "policy", "-q").out()).isEqualTo(":\n");
        }
    }

    @Test
    void console_escapesWhatWouldControlTheTerminal() throws Exception {
        Instant time = Instant.parse("2026-03-12T23:42:15.123Z");
        try (Tiny server =
                new Tiny(
                        folder,
                        (command, writer) -> {
                            writer.send(Message.done(command.header(), "subscribed"));
                            writer.send(
                                    Message.telling(
                                            command.header(),
                                            new Data.ConsoleLine(
                                                    false, time, "a\033]0;x\007\u009bb\r")));
                        })) {
            Run run = vmm(server, "console", "x", "--no-follow");
            assertThat(run.exit()).isZero();
            assertThat(run.out()).isEqualTo("2026-03-12T23:42:15.123Z a\\x1b]0;x\\x07\\x9bb\n");
            assertThat(vmm(server, "console", "x").exit()).isEqualTo(121);
        }
    }

    @Test
    void get_writesTheImage_andOverAnOldOneOnlyByForce() throws Exception {
        byte[] image = new byte[300_000];
        new java.util.Random(7).nextBytes(image);
        Path file = folder.resolve("image");
        try (Tiny server = answering(new Success.Image(false, Bytes.of(image)))) {
            assertThat(vmm(server, "get", "x", file.toString()).exit()).isZero();
            assertThat(file).hasBinaryContent(image);
            Run again = vmm(server, "get", "x", file.toString());
            assertThat(again.exit()).isEqualTo(124);
            assertThat(again.err()).contains("--force");
            Files.writeString(file, "longer ".repeat(100_000));
            assertThat(vmm(server, "get", "x", file.toString(), "--force").exit()).isZero();
            assertThat(file).hasBinaryContent(image);
        }
        try (Tiny server =
                new Tiny(
                        Files.createDirectory(folder.resolve("zlib")),
                        (command, writer) ->
                                writer.send(
                                        Message.done(
                                                command.header(),
                                                new Success.Image(
                                                        true,
                                                        Images.compressed(Bytes.of(image), 9)))))) {
            assertThat(vmm(server, "get", "x", file.toString(), "--force").exit()).isZero();
            assertThat(file).hasBinaryContent(image);
        }
    }
}
