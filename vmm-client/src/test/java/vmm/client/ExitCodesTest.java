package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
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
import vmm.wire.Message;

/** Every command ends with the documented code, whatever goes wrong (BEHAVIOUR 12). */
class ExitCodesTest {
    @TempDir static Path folder;

    private static EveryCommand every() {
        return new EveryCommand(folder);
    }

    static List<String> ofDaemons() throws IOException {
        return every().ofDaemons();
    }

    static List<String> ofControl() {
        return EveryCommand.ofControl();
    }

    static List<String> ofNobody() {
        return EveryCommand.ofNobody();
    }

    /** Those that ask a daemon on this host, in whatever words. */
    static List<String> asking() throws IOException {
        return Stream.concat(ofDaemons().stream(), ofControl().stream()).toList();
    }

    static List<String> all() throws IOException {
        return Stream.concat(asking().stream(), ofNobody().stream()).toList();
    }

    private static Run run(String line, Path socket) {
        return Run.vmm((line + " --socket " + socket).split(" ", -1));
    }

    @Test
    void everyCommand_hasItsLines() throws IOException {
        var terminal = Terminal.ofProcess();
        var known =
                ClientMain.verbNames().stream()
                        .map(verb -> ClientMain.verb(terminal, verb).orElseThrow())
                        .flatMap(spec -> spec.names().stream())
                        .toList();
        var tried = all().stream().map(line -> line.split(" ", 2)[0]).distinct();
        assertThat(tried).containsExactlyInAnyOrderElementsOf(known);
    }

    private static void assertExit(Run run, String line, int exit) {
        assertThat(run.exit()).as(line + ": " + run.err()).isEqualTo(exit);
        assertThat(run.err()).as(line).startsWith("vmm: ");
        assertThat(every().results()).noneMatch(Files::exists);
    }

    @ParameterizedTest
    @MethodSource("asking")
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
        List<String> lines = asking().stream().filter(line -> !line.equals("console x y")).toList();
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
    @MethodSource("ofDaemons")
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
    @MethodSource("ofControl")
    void controlCommand_exits117_whenItIsRefused(String line) throws Exception {
        String refusal = TinyControl.answer(409, "{\"error\":\"by policy\"}");
        Path home = Files.createTempDirectory(folder, "t");
        try (var server = new TinyControl(home, () -> refusal)) {
            Run run = run(line, server.socket);
            assertExit(run, line, ExitCode.REMOTE_COMMAND_FAILED);
            assertThat(run.err()).contains("by policy");
        }
    }

    @ParameterizedTest
    @MethodSource("ofControl")
    void controlCommand_exits117Or121_whenTheDaemonDiesBeforeOrInTheMiddleOfItsAnswer(String line)
            throws Exception {
        Path home = Files.createTempDirectory(folder, "t");
        try (var server = new TinyControl(home, () -> "")) {
            assertExit(run(line, server.socket), line, ExitCode.REMOTE_COMMAND_FAILED);
        }
        String half = TinyControl.answer(200, "{\"unikernels\":[{\"name\":\"x\"}]}");
        Files.delete(home.resolve("control.sock"));
        try (var server = new TinyControl(home, () -> half.substring(0, half.length() - 5))) {
            assertExit(run(line, server.socket), line, ExitCode.COMMUNICATION_FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("ofControl")
    void controlCommand_exits124_whenItIsToAskAnotherHost(String line) {
        Run run = Run.vmm((line + " --destination example.org").split(" ", -1));
        assertExit(run, line, ExitCode.USAGE);
        assertThat(run.err()).contains("log in there");
    }

    @ParameterizedTest
    @MethodSource("ofDaemons")
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
    @MethodSource("ofDaemons")
    void command_exits121_whenTheDaemonDiesInTheMiddleOfItsAnswer(String line) throws Exception {
        Path socket = Files.createTempDirectory(folder, "t").resolve("half.sock");
        try (var server = Tiny.half(socket)) {
            assertThat(server.isOpen()).isTrue();
            assertExit(run(line, socket), line, ExitCode.COMMUNICATION_FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void command_exits124_whenAnOptionIsUnknown(String line) {
        Run run = Run.vmm((line + " --nonsense").split(" ", -1));
        assertExit(run, line, ExitCode.USAGE);
        assertThat(run.err()).contains("--help");
    }

    @ParameterizedTest
    @MethodSource("ofNobody")
    void command_exits124_whenItsArgumentsAreWrong(String line) {
        assertExit(Run.vmm(line.split(" ", -1)), line, ExitCode.USAGE);
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
