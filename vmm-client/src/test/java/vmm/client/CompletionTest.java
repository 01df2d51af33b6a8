package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.wire.Command;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.channel.FrameWriter;

/** What shells are offered. */
class CompletionTest {
    @TempDir static Path folder;

    @Test
    void completion_offersCommandsOptionsAndValues() {
        assertThat(Run.vmm(Completion.WORDS, "--", "dump").out()).isEqualTo("dump-block\n");
        assertThat(Run.vmm(Completion.WORDS, "--", "info", "--form").out()).isEqualTo("--format\n");
        assertThat(Run.vmm(Completion.WORDS, "--", "info", "--format", "").out())
                .isEqualTo("table\njson\n");
        assertThat(Run.vmm(Completion.WORDS, "--", "create", "x", "").out()).isEqualTo(":files\n");
        assertThat(Run.vmm(Completion.WORDS, "--", "policy", "").out()).isEqualTo("explain\n");
        assertThat(Run.vmm("completion", "fish").out()).contains(Completion.WORDS);
        assertThat(Run.vmm("completion", "csh").exit()).isEqualTo(ExitCode.USAGE);
    }

    /** What bash offers for the last of these words. */
    private static String completed(String... words) throws Exception {
        Path vmm = Files.writeString(folder.resolve("vmm"), launcher());
        Path script =
                Files.writeString(folder.resolve("script"), Run.vmm("completion", "bash").out());
        String line =
                ". %s; COMP_WORDS=(%s %s); COMP_CWORD=%d; _vmm \"$COMP_WORDS\"; printf '%%s\\n' \"${COMPREPLY[@]}\""
                        .formatted(script, vmm, String.join(" ", words), words.length);
        assertThat(vmm.toFile().setExecutable(true)).isTrue();
        Process bash =
                new ProcessBuilder("bash", "--norc", "-c", line)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .start();
        return new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String launcher() {
        return "#!/bin/sh\nexec '%s' -cp '%s' vmm.client.ClientMain \"$@\"\n"
                .formatted(
                        ProcessHandle.current().info().command().orElseThrow(),
                        System.getProperty("java.class.path"));
    }

    @Test
    void completion_offersLiveNames_inBash() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "bash is missing");
        Path home = Files.createTempDirectory(folder, "t");
        var devices =
                new Success.BlockDevices(
                        List.of(
                                new Success.BlockDevice(Name.parse("foo:bar:data"), 1, false),
                                new Success.BlockDevice(Name.parse("other"), 1, false)));
        try (Tiny server = new Tiny(home, (c, w) -> w.send(Message.done(c.header(), devices)))) {
            String socket = server.socket.toString();
            assertThat(completed("dump-block", "--socket", socket, "foo:b"))
                    .isEqualTo("foo:bar:data\n");
            assertThat(completed("dump-")).isEqualTo("dump-block\n");
            assertThat(completed("dump-block", "--socket", socket, "other", folder + "/scr"))
                    .isEqualTo(folder + "/script\n");
        }
    }

    /** What is known without the parser's model of a command is what the model says. */
    @Test
    void completion_saysOfFirstWordsWhatTheModelSays() throws Exception {
        Path home = Files.createTempDirectory(folder, "t");
        try (Tiny server = new Tiny(home, CompletionTest::tellOneName)) {
            for (String verb : ClientMain.verbNames()) {
                var line = List.of(verb, "--socket", server.socket.toString(), "");
                var terminal = Terminal.ofProcess();
                assertThat(Completion.candidates(terminal, line))
                        .as(verb)
                        .isEqualTo(Completion.ofModel(terminal, line))
                        .hasSizeGreaterThanOrEqualTo(Completion.FIRST.containsKey(verb) ? 1 : 0);
            }
        }
    }

    /** A name that says what was asked for. */
    private static void tellOneName(Message asked, FrameWriter writer) throws IOException {
        var policy = Policy.of(List.of(0L), 1, 1, OptionalLong.empty(), List.of());
        var answer =
                asked.payload() instanceof Message.Payload.Asked(Command.BlockInfo _)
                        ? new Success.BlockDevices(
                                List.of(new Success.BlockDevice(Name.parse("of:block"), 1, false)))
                        : asked.payload() instanceof Message.Payload.Asked(Command.PolicyInfo _)
                                ? new Success.Policies(
                                        List.of(
                                                new Success.Named<>(
                                                        Name.parse("of:path:"), policy)))
                                : new Success.Consoles(List.of(Name.parse("of:unikernel")));
        writer.send(Message.done(asked.header(), answer));
    }
}
