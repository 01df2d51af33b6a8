package vmm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ListenerTest {
    @TempDir private Path folder;

    /** A daemon that serves one client on the socket it was handed. */
    public static final class Activated {
        private Activated() {}

        public static void main(String... arguments) throws Exception {
            try (var listener = Listener.activated(Path.of(arguments[0]))) {
                var asked = new CountDownLatch(1);
                listener.start(
                        client -> {
                            echo(client);
                            asked.countDown();
                        });
                asked.await();
            }
        }
    }

    private static void echo(SocketChannel client) throws IOException {
        var bytes = ByteBuffer.allocate(64);
        client.read(bytes);
        client.write(bytes.flip());
    }

    private static String ask(Path socket, String text) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            var answer = ByteBuffer.allocate(64);
            while (channel.read(answer) >= 0) {
                Thread.onSpinWait();
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void socket_isMade_withItsFolders_forUserAndGroup_andGoes() throws Exception {
        Path socket = folder.resolve("run/util/x.sock");
        try (var listener = Listener.open(socket)) {
            listener.start(ListenerTest::echo);
            assertThat(ask(socket, "hello")).isEqualTo("hello");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
        }
        assertThat(socket).doesNotExist();
    }

    /** BEHAVIOUR 14.10: a second daemon takes the socket of the running one. */
    @Test
    void liveSocket_isRefused_andGoesOn() throws Exception {
        Path socket = folder.resolve("x.sock");
        try (var listener = Listener.open(socket)) {
            listener.start(ListenerTest::echo);
            assertThatThrownBy(() -> Listener.open(socket).close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another daemon is listening on " + socket);
            assertThat(ask(socket, "still")).isEqualTo("still");
        }
    }

    @Test
    void fileThatIsNoSocket_isLeftAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "kept");
        assertThatThrownBy(() -> Listener.open(file)).hasMessageContaining("is no socket");
        assertThat(file).hasContent("kept");
    }

    @Test
    void staleSocket_isReplaced() throws Exception {
        Path socket = folder.resolve("x.sock");
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();
        try (var listener = Listener.open(socket)) {
            listener.start(ListenerTest::echo);
            assertThat(ask(socket, "new")).isEqualTo("new");
        }
    }

    /** BEHAVIOUR 14.26: the backlog is 1: bursts of connections fail. */
    @Test
    void burst_ofConnections_waits() throws Exception {
        Path socket = folder.resolve("x.sock");
        try (var listener = Listener.open(socket)) {
            var clients = new ArrayList<SocketChannel>();
            for (int i = 0; i < 300; i++) {
                clients.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            }
            listener.start(ListenerTest::echo);
            assertThat(ask(socket, "after")).isEqualTo("after");
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    @Test
    void tooManyConnections_waitUntilOneEnds() throws Exception {
        Path socket = folder.resolve("x.sock");
        var clients = new ArrayList<SocketChannel>();
        try (var listener = Listener.open(socket)) {
            listener.start(ListenerTest::echo);
            for (int i = 0; i < Listener.CONNECTIONS_MAX; i++) {
                clients.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            }
            var late = CompletableFuture.supplyAsync(() -> askUnchecked(socket, "late"));
            assertThat(late).isNotDone();
            clients.removeLast().close();
            assertThat(late).succeedsWithin(Duration.ofSeconds(60)).isEqualTo("late");
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    private static String askUnchecked(Path socket, String text) {
        try {
            return ask(socket, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void placeThatCannotBeUsed_isSaid() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> Listener.open(file.resolve("x.sock")).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void activation_withoutASocket_isSaid() {
        assertThatThrownBy(() -> Listener.activated(folder.resolve("x.sock")).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("systemd handed down no socket");
    }

    @Test
    void activatedSocket_isServed_andStaysWhenTheDaemonEnds() throws Exception {
        Path socket = folder.resolve("x.sock");
        Process daemon = activate("$$", socket);
        assertThat(ask(socket, "handed down")).isEqualTo("handed down");
        assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isZero();
        assertThat(socket).exists();
    }

    @Test
    void activatedSocket_ofAnotherProcess_isNotTaken() throws Exception {
        Process daemon = activate("1", folder.resolve("x.sock"));
        assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isEqualTo(1);
        assertThat(new String(daemon.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("systemd handed down no socket");
    }

    /** Starts the daemon as systemd does: a listening socket on descriptor 3. */
    private static Process activate(String pid, Path socket) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "there is no /usr/bin/perl");
        String script =
                "$^F = 9; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die; my $path = shift;"
                        + " bind($s, sockaddr_un(\"$path.new\")) or die; listen($s, 9) or die;"
                        + " rename(\"$path.new\", $path) or die;"
                        + " dup2(fileno($s), 3); $ENV{LISTEN_FDS} = 1;"
                        + (" $ENV{LISTEN_PID} = " + pid + "; exec @ARGV or die");
        Process process =
                new ProcessBuilder(
                                List.of(
                                        "/usr/bin/perl",
                                        "-MSocket",
                                        "-MPOSIX=dup2",
                                        "-e",
                                        script,
                                        socket.toString(),
                                        Path.of(System.getProperty("java.home"), "bin/java")
                                                .toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-XX:TieredStopAtLevel=1",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        Activated.class.getName(),
                                        socket.toString()))
                        .start();
        while (process.isAlive() && !Files.exists(socket)) {
            Thread.onSpinWait();
        }
        return process;
    }
}
