package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How daemons start, as packaged: what they take, what stops them, and what they say then. */
class DaemonStartTest {
    /** Each daemon and its socket. */
    private static final Map<String, String> SOCKETS =
            Map.of(
                    "vmm-supervisor", "supervisor",
                    "vmm-console", "console",
                    "vmmd", "vmmd",
                    "vmm-stats", "stat");

    private static final int RESIDENT_KIB_MAX = 64 * 1024;

    @TempDir private Path folder;
    @AutoClose private Suite suite;

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        suite = Suite.withoutDaemons(Files.createDirectory(folder.resolve("db")));
    }

    private void failsAtOnce(int exit, String why, String... options) {
        for (String daemon : SOCKETS.keySet()) {
            Suite.Result vain = suite.startInVain(daemon, options);
            assertThat(vain.exit()).as("%s: %s", daemon, vain.err()).isEqualTo(exit);
            assertThat(vain.err()).as(daemon).contains(why).doesNotContain("\tat ", "Exception");
        }
    }

    @Test
    void wrongOption_endsAtOnce_andNamesTheHelp() {
        failsAtOnce(124, "unknown option '--nonsense', try", "--nonsense");
        failsAtOnce(124, "needs a value", "--tmpdir");
    }

    @Test
    void version_isThePackaged() {
        for (String daemon : SOCKETS.keySet()) {
            Suite.Result said = suite.program(daemon, "--version");
            assertThat(said.exit()).isZero();
            assertThat(said.out()).matches(daemon + " [0-9]+\\.[0-9]+\\.[0-9]+.*\n");
        }
    }

    @Test
    void folderThatCannotBe_endsAtOnce_andIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        failsAtOnce(1, file.toString(), "--tmpdir", file.resolve("tmp").toString());
    }

    @Test
    void activationWithoutASocket_endsAtOnce_andSaysWhatToDo() {
        failsAtOnce(1, "start this from a socket unit", "--systemd-socket-activation");
    }

    @Test
    void activatedSocket_isServed_andIsLeftToWhoMadeIt() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "there is no /usr/bin/perl");
        Files.createDirectories(suite.tmp().resolve("util"));
        for (String daemon : List.of("vmm-supervisor", "vmm-console", "vmm-stats")) {
            Path socket = suite.socket(SOCKETS.get(daemon));
            Process process = activate(suite, daemon, socket);
            try {
                assertThat(isServed(socket)).as(daemon).isTrue();
            } finally {
                process.destroy();
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(daemon).isTrue();
            }
            assertThat(socket).as(daemon).exists();
            Files.delete(socket);
        }
        suite.startDaemon("vmm-supervisor");
        Process vmmd = activate(suite, "vmmd", suite.socket("vmmd"));
        try {
            Suite.Result info = suite.vmm("info");
            assertThat(info.exit()).as(info.err()).isZero();
        } finally {
            vmmd.destroy();
            assertThat(vmmd.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Starts a daemon as systemd does: a listening socket on descriptor 3, and whose it is. */
    private Process activate(Suite inside, String daemon, Path socket) throws IOException {
        String script =
                "$^F = 9; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die; my $path = shift;"
                        + " bind($s, sockaddr_un($path)) or die; listen($s, 9) or die;"
                        + " dup2(fileno($s), 3); $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$;"
                        + " exec @ARGV or die";
        var command =
                new ArrayList<>(List.of("/usr/bin/perl", "-MSocket", "-MPOSIX=dup2", "-e", script));
        command.add(socket.toString());
        command.addAll(inside.commandLine(daemon, "--systemd-socket-activation"));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(daemon + ".log").toFile())
                        .start();
        Suite.await(daemon + " has its socket", () -> Files.exists(socket) || !process.isAlive());
        return process;
    }

    /** A frame without a message ends the connection, whoever reads it. */
    private static boolean isServed(Path socket) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.allocate(4));
            channel.shutdownOutput();
            var answer = ByteBuffer.allocate(4096);
            while (channel.read(answer.clear()) >= 0) {
                Thread.onSpinWait();
            }
            return true;
        }
    }

    @Test
    void idleDaemons_areSmall() throws Exception {
        suite.startDaemon("vmm-supervisor");
        suite.startDaemon("vmm-console");
        suite.startDaemon("vmmd");
        for (String daemon : List.of("vmm-supervisor", "vmm-console", "vmmd")) {
            assertThat(residentKib(suite.pid(daemon))).as(daemon).isLessThan(RESIDENT_KIB_MAX);
        }
    }

    private static int residentKib(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> Integer.parseInt(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
