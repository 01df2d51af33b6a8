package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
import vmm.daemon.http.HttpClient;

/** Everything from outside: the client's certificates, the endpoint, the daemons behind it. */
class TlsTest {
    private static final int CERTIFICATE_REFUSED = 119;
    private static final int USAGE = 124;

    @TempDir Path folder;

    private Suite suite;
    private Gate gate;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        suite = Suite.start();
        gate = Gate.build(suite, folder).open();
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (suite != null) {
            gate.close();
            suite.stop("vmm-stats");
            suite.close();
        }
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
        ok(gate.remote("create", "ticker", guest, "--arg", "ms=20", "--no-add-name"));
        assertThat(ok(gate.remote("info")).out()).contains("ticker");
        Suite.await(
                "the console's lines",
                () -> gate.remote("console", "ticker", "--no-follow").out().contains("tick"));
        assertThat(firstLineOf("stats", "-n", "ticker")).contains("ticker");
        ok(gate.remote("restart", "ticker"));
        Path image = folder.resolve("image");
        ok(gate.remote("get", "ticker", image.toString()));
        assertThat(image).hasSameBinaryContentAs(Path.of(guest));
        ok(gate.remote("destroy", "ticker"));
        assertThat(suite.tenders()).isEmpty();
        assertRefused(117, "not found", gate.remote("destroy", "ticker"));
    }

    @Test
    void metrics_tellConnections_handshakes_refusals_andWhenCertificatesEnd() throws Exception {
        gate.close();
        Path metrics = suite.tmp().resolve("metrics.sock");
        gate.open("--metrics-listen", metrics.toString());
        ok(gate.remote("policy"));
        try (var http = new HttpClient(metrics)) {
            Suite.await(
                    "the handshake is counted",
                    () -> text(http).contains("vmm_tls_handshakes_total{result=\"ok\"}"));
            assertThat(text(http))
                    .contains("vmm_tls_connections_total ", "vmm_tls_sessions ")
                    .containsPattern("vmm_certificate_expiry_time_seconds\\{.*server.pem.*} [0-9]");
        }
    }

    private static String text(HttpClient http) {
        try {
            HttpClient.Reply reply = http.get("/metrics", Duration.ofSeconds(20));
            return new String(reply.body().toArray(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a command that follows says first; then it is ended. */
    private String firstLineOf(String... arguments) throws Exception {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-d", gate.destination(), "--ca", "cacert.pem", "--ca-key", "ca.key"));
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
        ok(gate.remote("create-block", "disk", "2"));
        byte[] content = new byte[2 << 20];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (31 * i + 7);
        }
        Files.write(folder.resolve("content"), content);
        ok(gate.remote("set-block", "disk", "content"));
        ok(gate.remote("dump-block", "disk", gate.at("dumped")));
        assertThat(folder.resolve("dumped")).hasBinaryContent(content);
        ok(gate.remote("set-block", "disk", "content", "--compression-level", "9"));
        assertThat(ok(gate.remote("block")).out()).contains("disk");
        ok(gate.remote("destroy-block", "disk"));
        assertRefused(117, "not found", gate.remote("dump-block", "disk", gate.at("again")));
    }

    private Suite.Result presentRequest() {
        return gate.local("certificate", "request.pem", "request.key", "-d", gate.destination());
    }

    private Suite.Result delegateBob(String unikernels) {
        return gate.local(
                "delegate",
                "bob",
                unikernels,
                "--mem",
                "32",
                "--block",
                "4",
                "--ca",
                "alice.pem",
                "--ca-key",
                "alice.key");
    }

    @Test
    void delegation_takesTwoCommands_andEndsWithRevoke() throws Exception {
        ok(gate.local("enrol", "alice"));
        ok(
                gate.local(
                        "delegate",
                        "alice",
                        "2",
                        "--mem",
                        "64",
                        "--block",
                        "8",
                        "--ca-key",
                        "ca.key"));
        ok(gate.local("lint", "alice.pem"));
        ok(gate.local("enrol", "bob"));
        assertRefused(USAGE, "does not allow", delegateBob("3"));
        ok(delegateBob("1"));
        assertThat(ok(delegateBob("1")).err()).contains("vmm revoke takes it back, it is in bob-");
        ok(gate.remoteAs("bob.pem", "bob.key", "create-block", "disk", "4"));
        assertThat(ok(suite.vmm("block")).out()).contains("alice:bob:disk");
        assertRefused(
                117, "alice:bob", gate.remoteAs("bob.pem", "bob.key", "create-block", "more", "1"));
        assertThat(ok(suite.vmm("policy")).out()).contains("alice:", "alice:bob:");
        ok(gate.local("block", "--csr"));
        ok(gate.local("sign", "bob.pem", "bob.db", "bob.key", "request.req"));
        ok(gate.local("lint", "request.pem"));
        assertThat(ok(presentRequest()).out()).contains("disk");
        ok(
                gate.local(
                        "revoke",
                        "alice.pem",
                        "alice.key",
                        "bob.pem",
                        "--crl",
                        gate.at("crls/alice.crl")));
        Suite.await(
                "the list is in force",
                () -> gate.remoteAs("bob.pem", "bob.key", "block").exit() == CERTIFICATE_REFUSED);
        assertRefused(
                CERTIFICATE_REFUSED,
                "certificate_revoked",
                gate.remoteAs("bob.pem", "bob.key", "block"));
        ok(gate.remoteAs("alice.pem", "alice.key", "block"));
    }

    @Test
    void requests_areSignedByTheCa_andShown() throws Exception {
        ok(gate.local("policy", "--csr"));
        ok(gate.local("sign", "cacert.pem", "db", "ca.key", "request.req"));
        assertThat(ok(presentRequest()).out()).contains(":");
        assertThat(Files.readAllLines(folder.resolve("db"))).hasSize(2);
        Suite.Result printed =
                gate.local("info", "-d", "-", "--ca", "cacert.pem", "--ca-key", "ca.key");
        assertThat(printed.exit()).isEqualTo(121);
        assertThat(printed.out()).contains("intermediate:", "leaf:", "BEGIN CERTIFICATE");
    }

    @Test
    void sign_keepsTheCertificateBefore_forRevoke() throws Exception {
        ok(gate.local("policy", "--csr"));
        ok(gate.local("sign", "cacert.pem", "db", "ca.key", "request.req"));
        String before = Files.readString(folder.resolve("request.pem"));
        String said = ok(gate.local("sign", "cacert.pem", "db", "ca.key", "request.req")).err();
        Path kept = folder.resolve(said.replaceAll("(?s).*it is in (\\S+\\.pem).*", "$1"));
        assertThat(kept).hasContent(before);
        ok(gate.local("revoke", "cacert.pem", "ca.key", kept.toString(), "--crl", "x.crl"));
    }

    @Test
    void strangers_areToldWhatTheyLack() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        ok(suite.vmmIn(other, "generate", "other", "db"));
        String destination = gate.destination();
        Suite.Result chain =
                gate.local(
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
        assertRefused(USAGE, "no such file", gate.local("info", "-d", destination));
    }

    private Suite.Result remoteTo(String destination) {
        return gate.local("info", "-d", destination, "--ca", "cacert.pem", "--ca-key", "ca.key");
    }
}
