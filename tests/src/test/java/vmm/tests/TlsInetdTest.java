package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The endpoint under openbsd-inetd: a stray byte on any descriptor would end the handshake. */
class TlsInetdTest {
    private static final Path INETD = Path.of("/usr/sbin/inetd");
    private static final Path SOCAT = Path.of("/usr/bin/socat");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path folder;

    private Suite suite;
    private Process inetd;
    private int port;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Files.isExecutable(INETD), "openbsd-inetd is missing");
        suite = Suite.start();
        assertThat(suite.vmmIn(folder, "generate", "ca", "db").exit()).isZero();
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (inetd != null) {
            inetd.destroyForcibly().waitFor();
        }
        if (suite != null) {
            suite.stop("vmm-tls-endpoint");
            suite.close();
        }
    }

    private String files() {
        return folder.resolve("cacert.pem")
                + " "
                + folder.resolve("server.pem")
                + " "
                + folder.resolve("server.key");
    }

    /** A line of inetd.conf for a program and its arguments. */
    private void serve(String wait, String program, String arguments) throws IOException {
        Path conf = folder.resolve("inetd.conf");
        Files.writeString(
                conf,
                "127.0.0.1:"
                        + port
                        + " stream tcp "
                        + wait
                        + " "
                        + System.getProperty("user.name")
                        + " "
                        + program
                        + " "
                        + arguments
                        + "\n");
        inetd =
                new ProcessBuilder(INETD.toString(), "-d", conf.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("inetd.log").toFile())
                        .start();
    }

    private int ask() {
        return suite.vmmIn(
                        folder,
                        "policy",
                        "-d",
                        "127.0.0.1:" + port,
                        "--ca",
                        "cacert.pem",
                        "--ca-key",
                        "ca.key")
                .exit();
    }

    private String ownProcess() {
        return "vmm-tls-endpoint --inetd --tmpdir "
                + suite.tmp()
                + " --crls-seen "
                + folder.resolve("seen")
                + " "
                + files();
    }

    @Test
    void command_isAnswered_byAProcessOfItsOwn() throws Exception {
        String program = House.ROOT.resolve("dist/bin/vmm-tls-endpoint").toString();
        serve("nowait.1000", program, ownProcess());
        Suite.await("an answer", PATIENCE, () -> ask() == 0);
        assertThat(ask()).isZero();
    }

    @Test
    void command_isAnswered_byAProcessThatTakesTheSocket() throws Exception {
        String program = House.ROOT.resolve("dist/bin/vmm-tls-endpoint").toString();
        serve("wait", program, ownProcess());
        Suite.await("an answer", PATIENCE, () -> ask() == 0);
        assertThat(ask()).isZero();
        long served = inetd.descendants().peek(ProcessHandle::destroyForcibly).count();
        assertThat(served).as("processes for both").isEqualTo(1);
    }

    @Test
    void command_isAnswered_byTheResidentEndpoint_behindARelay() throws Exception {
        assumeTrue(Files.isExecutable(SOCAT), "socat is missing");
        Path socket = folder.resolve("tls.sock");
        suite.startDaemon(
                "vmm-tls-endpoint",
                "--listen",
                socket.toString(),
                "--crls-seen",
                folder.resolve("seen").toString(),
                folder.resolve("cacert.pem").toString(),
                folder.resolve("server.pem").toString(),
                folder.resolve("server.key").toString());
        serve("nowait.1000", SOCAT.toString(), "socat STDIO UNIX-CONNECT:" + socket);
        Suite.await("an answer", PATIENCE, () -> ask() == 0);
        assertThat(ask()).isZero();
    }
}
