package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything from outside: the client's certificates, the endpoint, the daemons behind it. */
class TlsTest {
    private static final int CERTIFICATE_REFUSED = 119;
    private static final int USAGE = 124;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path folder;

    private Suite suite;
    private int port;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        suite = Suite.start();
        ok(local("generate", "ca", "db"));
        Files.createDirectory(folder.resolve("crls"));
        port = freePort();
        suite.startDaemon(
                "vmm-tls-endpoint", endpoint("--ip", "127.0.0.1", "--port", String.valueOf(port)));
        Suite.await("the endpoint listens", PATIENCE, this::answers);
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (suite != null) {
            suite.stop("vmm-tls-endpoint");
            suite.stop("vmm-stats");
            suite.close();
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String at(String file) {
        return folder.resolve(file).toString();
    }

    private String[] endpoint(String... options) {
        var all = new ArrayList<String>();
        all.addAll(List.of(at("cacert.pem"), at("server.pem"), at("server.key")));
        all.addAll(List.of("--crls", at("crls"), "--crls-seen", at("seen")));
        all.addAll(List.of(options));
        return all.toArray(String[]::new);
    }

    private boolean answers() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** A run of the client in the folder of the certificates. */
    private Suite.Result local(String... arguments) {
        return suite.vmmIn(folder, arguments);
    }

    private Suite.Result remote(String... arguments) {
        return remoteAs("cacert.pem", "ca.key", arguments);
    }

    private Suite.Result remoteAs(String ca, String key, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--destination", "127.0.0.1:" + port, "--ca", ca, "--ca-key", key));
        return local(all.toArray(String[]::new));
    }

    private Suite.Result ok(Suite.Result result) {
        assertThat(result.exit()).as("%s\n%s", result.out(), result.err()).isZero();
        return result;
    }

    private void assertRefused(int exit, String why, Suite.Result result) {
        assertThat(result.exit()).as("%s\n%s", result.out(), result.err()).isEqualTo(exit);
        assertThat(result.err()).contains(why).doesNotContain("\tat ");
    }

    @Test
    void unikernel_livesAsOverTheLocalSocket() throws Exception {
        Optional<Path> spt = Guests.program("solo5-spt");
        assumeTrue(
                spt.isPresent() || Guests.hasKvm(),
                "no tender can run here: neither solo5-spt is on the PATH nor /dev/kvm usable");
        if (spt.isPresent()) {
            Files.createSymbolicLink(suite.db().resolve("solo5-spt"), spt.get());
        }
        suite.startDaemon("vmm-stats", "--interval", "1");
        Suite.await("vmm-stats listens", () -> Suite.accepts(suite.socket("stat")));
        String guest = Guests.guest("ticker." + (spt.isPresent() ? "spt" : "hvt")).toString();
        ok(remote("create", "ticker", guest, "--arg", "ms=20", "--no-add-name"));
        assertThat(ok(remote("info")).out()).contains("ticker");
        Suite.await(
                "the console's lines",
                () -> remote("console", "ticker", "--no-follow").out().contains("tick"));
        assertThat(firstLineOf("stats", "-n", "ticker")).contains("ticker");
        ok(remote("restart", "ticker"));
        Path image = folder.resolve("image");
        ok(remote("get", "ticker", image.toString()));
        assertThat(image).hasSameBinaryContentAs(Path.of(guest));
        ok(remote("destroy", "ticker"));
        assertThat(suite.tenders()).isEmpty();
        assertRefused(117, "not found", remote("destroy", "ticker"));
    }

    /** What a command that follows says first; then it is ended. */
    private String firstLineOf(String... arguments) throws Exception {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-d", "127.0.0.1:" + port, "--ca", "cacert.pem", "--ca-key", "ca.key"));
        Process process = suite.startVmmIn(folder, all.toArray(String[]::new));
        try (InputStream out = process.getInputStream()) {
            var text = new StringBuilder();
            for (int read = out.read();
                    read >= 0 && !text.toString().contains("ticker");
                    read = out.read()) {
                text.append((char) read);
            }
            return text.toString();
        } finally {
            process.destroy();
            process.waitFor(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void blockDevice_keepsItsContent_overTheWayInAndOut() throws Exception {
        ok(remote("create-block", "disk", "2"));
        byte[] content = new byte[2 << 20];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (31 * i + 7);
        }
        Files.write(folder.resolve("content"), content);
        ok(remote("set-block", "disk", "content"));
        ok(remote("dump-block", "disk", at("dumped")));
        assertThat(folder.resolve("dumped")).hasBinaryContent(content);
        ok(remote("set-block", "disk", "content", "--compression-level", "9"));
        assertThat(ok(remote("block")).out()).contains("disk");
        ok(remote("destroy-block", "disk"));
        assertRefused(117, "not found", remote("dump-block", "disk", at("again")));
    }

    @Test
    void delegation_takesTwoCommands_andEndsWithRevoke() throws Exception {
        ok(local("enrol", "alice"));
        ok(local("delegate", "alice", "2", "--mem", "64", "--block", "8", "--ca-key", "ca.key"));
        ok(local("lint", "alice.pem"));
        ok(local("enrol", "bob"));
        assertRefused(
                USAGE,
                "does not allow",
                local(
                        "delegate",
                        "bob",
                        "3",
                        "--mem",
                        "64",
                        "--ca",
                        "alice.pem",
                        "--ca-key",
                        "alice.key"));
        ok(
                local(
                        "delegate",
                        "bob",
                        "1",
                        "--mem",
                        "32",
                        "--block",
                        "4",
                        "--ca",
                        "alice.pem",
                        "--ca-key",
                        "alice.key"));
        ok(remoteAs("bob.pem", "bob.key", "create-block", "disk", "4"));
        assertThat(ok(suite.vmm("block")).out()).contains("alice:bob:disk");
        assertRefused(
                117, "alice:bob", remoteAs("bob.pem", "bob.key", "create-block", "more", "1"));
        assertThat(ok(suite.vmm("policy")).out()).contains("alice:", "alice:bob:");
        ok(local("revoke", "alice.pem", "alice.key", "bob.pem", "--crl", at("crls/alice.crl")));
        Suite.await(
                "the list is in force",
                () -> remoteAs("bob.pem", "bob.key", "block").exit() == CERTIFICATE_REFUSED);
        assertRefused(
                CERTIFICATE_REFUSED,
                "certificate_revoked",
                remoteAs("bob.pem", "bob.key", "block"));
        ok(remoteAs("alice.pem", "alice.key", "block"));
    }

    @Test
    void requests_areSignedByTheCa_andShown() throws Exception {
        ok(local("policy", "--csr"));
        ok(local("sign", "cacert.pem", "db", "ca.key", "..req"));
        assertThat(ok(local("certificate", "..pem", "..key", "-d", "127.0.0.1:" + port)).out())
                .contains(":");
        assertThat(Files.readAllLines(folder.resolve("db"))).hasSize(2);
        Suite.Result printed = local("info", "-d", "-", "--ca", "cacert.pem", "--ca-key", "ca.key");
        assertThat(printed.exit()).isEqualTo(121);
        assertThat(printed.out()).contains("intermediate:", "leaf:", "BEGIN CERTIFICATE");
    }

    @Test
    void strangers_areToldWhatTheyLack() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        ok(suite.vmmIn(other, "generate", "other", "db"));
        String destination = "127.0.0.1:" + port;
        Suite.Result chain =
                local(
                        "info",
                        "-d",
                        destination,
                        "--ca",
                        "other/cacert.pem",
                        "--ca-key",
                        "other/other.key");
        assertThat(chain.exit()).isEqualTo(116);
        Suite.Result server =
                suite.vmmIn(
                        other,
                        "info",
                        "-d",
                        destination,
                        "--ca",
                        "cacert.pem",
                        "--ca-key",
                        "other.key");
        assertThat(server.exit()).isIn(119, 120);
        assertRefused(122, "cannot connect", remoteTo("127.0.0.1:1"));
        assertRefused(USAGE, "no port", remoteTo("127.0.0.1:x"));
        assertRefused(USAGE, "no such file", local("info", "-d", destination));
    }

    private Suite.Result remoteTo(String destination) {
        return local("info", "-d", destination, "--ca", "cacert.pem", "--ca-key", "ca.key");
    }
}
