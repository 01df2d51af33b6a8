package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import vmm.core.Name;
import vmm.wire.Message;
import vmm.wire.Success;

/** Every command that talks to a daemon ends with the documented code (BEHAVIOUR 12). */
class ExitCodesTest {
    @TempDir static Path folder;

    static List<String> commands() throws IOException {
        Path image = Files.write(folder.resolve("image"), Tiny.image());
        Path content = Files.writeString(folder.resolve("content"), "x".repeat(5000));
        return Stream.of(
                        "info",
                        "create x " + image,
                        "create x " + image + " --dry-run",
                        "create x " + image + " --force",
                        "restart x",
                        "restart x --replace-arguments --mem 64",
                        "destroy x",
                        "get x " + folder.resolve("got"),
                        "console x",
                        "console x y",
                        "inactive-consoles",
                        "policy",
                        "policy explain foo",
                        "add-policy foo 1",
                        "replace-policy foo 1",
                        "remove-policy -p foo",
                        "block",
                        "create-block b 1",
                        "set-block b " + content,
                        "set-block b " + content + " --compression-level 9",
                        "dump-block b " + folder.resolve("dumped"),
                        "destroy-block b",
                        "stats",
                        "stats-add 1 -n x",
                        "stats-remove -n x")
                .toList();
    }

    private static Run run(String line, Path socket) {
        return Run.vmm((line + " --socket " + socket).split(" ", -1));
    }

    private static void assertExit(Run run, String line, int exit) {
        assertThat(run.exit()).as(line + ": " + run.err()).isEqualTo(exit);
        assertThat(run.err()).as(line).startsWith("vmm: ");
        assertThat(Files.exists(folder.resolve("got"))).isFalse();
        assertThat(Files.exists(folder.resolve("dumped"))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void command_exits122_whenTheDaemonIsAbsent(String line) {
        assertExit(run(line, folder.resolve("none.sock")), line, ExitCode.CONNECT_FAILED);
    }

    private static final int NOBODY = 65534;

    /** Files are opened as this user, by this thread alone; who is not root stays who he is. */
    @SuppressWarnings("restricted")
    private static int actAs(int user) throws Throwable {
        var linker = Linker.nativeLinker();
        var setfsuid =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("setfsuid"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        return (int) setfsuid.invokeExact(user);
    }

    @Test
    void everyCommand_exits122AndSaysWhatToDo_whenItIsNotPermitted() throws Throwable {
        // Several consoles are asked by threads of their own.
        List<String> lines =
                commands().stream().filter(line -> !line.equals("console x y")).toList();
        var all = PosixFilePermissions.fromString("rwxr-xr-x");
        Files.setPosixFilePermissions(folder, all);
        try (Tiny server = new Tiny(Files.createTempDirectory(folder, "t"), (_, _) -> {})) {
            Files.setPosixFilePermissions(Objects.requireNonNull(server.socket.getParent()), all);
            Files.setPosixFilePermissions(server.socket, Set.of());
            int before = actAs(NOBODY);
            try {
                for (String line : lines) {
                    Run run = run(line, server.socket);
                    assertExit(run, line, ExitCode.CONNECT_FAILED);
                    assertThat(run.err()).as(line).contains("not permitted").contains("sudo");
                }
            } finally {
                assertThat(actAs(before)).isIn(NOBODY, before);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void command_exits117_whenItIsRefused(String line) throws Exception {
        try (Tiny server =
                new Tiny(
                        Files.createTempDirectory(folder, "t"),
                        (command, writer) ->
                                writer.send(Message.failed(command.header(), "by policy")))) {
            Run run = run(line, server.socket);
            assertExit(run, line, ExitCode.REMOTE_COMMAND_FAILED);
            assertThat(run.err()).contains("by policy");
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void command_exits117AndSaysSo_whenTheDaemonClosesWithoutAnswer(String line) throws Exception {
        try (Tiny server = new Tiny(Files.createTempDirectory(folder, "t"), (_, _) -> {})) {
            Run run = run(line, server.socket);
            assertThat(run.exit())
                    .as(line)
                    .isIn(ExitCode.REMOTE_COMMAND_FAILED, ExitCode.COMMUNICATION_FAILED);
            assertThat(run.err()).as(line).startsWith("vmm: ");
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void command_exits121_whenTheDaemonDiesInTheMiddleOfItsAnswer(String line) throws Exception {
        Path socket = Files.createTempDirectory(folder, "t").resolve("half.sock");
        try (var server = Tiny.half(socket)) {
            assertThat(server.isOpen()).isTrue();
            assertExit(run(line, socket), line, ExitCode.COMMUNICATION_FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void command_exits124_whenAnOptionIsUnknown(String line) {
        assertExit(run(line + " --nonsense", folder.resolve("s")), line, ExitCode.USAGE);
    }

    @Test
    void manual_namesEveryCommandAndItsOptions() throws Exception {
        String page = Run.vmm(Manual.VERB).out();
        for (String verb : ClientMain.verbNames()) {
            assertThat(page).contains(".SS " + verb.replace("-", "\\-"));
        }
        Path kept = Path.of("..", "docs", "man", "vmm.1");
        assertThat(Files.readString(kept)).as("vmm manual-page > docs/man/vmm.1").isEqualTo(page);
    }

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

    @Test
    void doctor_saysWhatToDo_aboutEachFinding() {
        Run run =
                Run.vmm(
                        "doctor",
                        "--tmpdir",
                        folder.resolve("none").toString(),
                        "--dbdir",
                        folder.toString(),
                        "--certificates",
                        folder.resolve("none").toString());
        assertThat(run.exit()).isEqualTo(ExitCode.REMOTE_COMMAND_FAILED);
        assertThat(run.out())
                .containsPattern("bad +vmmd +no socket at .*: start vmmd")
                .containsPattern("warn +vmm-stats +no socket at .*: start vmm-stats")
                .containsPattern("ok +versions +vmm ")
                .containsPattern("(ok|bad) +disk ");
    }
}
