package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.wire.Message.Payload;

/** {@code openssl s_client} at the endpoint, with the certificates and keys that vmm makes. */
class TlsOpensslTest {
    private static Suite suite;

    @TempDir Path folder;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is missing");
        suite = Suite.start();
    }

    @AfterAll
    static void stop() {
        if (suite != null) {
            suite.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "rsa2048", "rsa4096", "p256", "p384", "p521"})
    void sClient_isAnswered_andToldThatItsCertificateIsRevoked(String type) throws Exception {
        try (Gate gate = Gate.build(suite, folder, "--key-type", type).open()) {
            gate.sign("x", "info", "-n", "x", "--key-type", type);
            assertThat(openssl("verify -CAfile cacert.pem x.pem server.pem"))
                    .isEqualTo("x.pem: OK\nserver.pem: OK\n");
            String said = sClient(gate, "-verify_return_error");
            assertThat(TlsAsker.decode(Files.readAllBytes(answer())).payload())
                    .as(said)
                    .isInstanceOf(Payload.Done.class);
            assertThat(sClient(gate, "-tls1_2")).contains("alert protocol version");

            Suite.Result revoked =
                    gate.local("revoke", "cacert.pem", "ca.key", "x.pem", "--crl", "crls/ca.crl");
            assertThat(revoked.exit()).as(revoked.err()).isZero();
            assertThat(openssl("crl -noout -CAfile cacert.pem -in crls/ca.crl"))
                    .contains("verify OK");
            assertThat(openssl("verify -crl_check -CRLfile crls/ca.crl -CAfile cacert.pem x.pem"))
                    .contains("certificate revoked");
            Suite.await(
                    "the list is in force",
                    () -> sClient(gate).contains("alert certificate revoked"));
        }
    }

    private Path answer() {
        return folder.resolve("answer");
    }

    /** Shows the certificate; what is said about the connection. The answer is in its file. */
    private String sClient(Gate gate, String... options) {
        return openssl(
                "s_client -quiet -connect "
                        + gate.destination()
                        + " -CAfile cacert.pem -cert x.pem -key x.key "
                        + String.join(" ", options)
                        + " >answer");
    }

    /** What it prints, well or not. */
    private String openssl(String line) {
        Suite.Result ran =
                Suite.run(
                        Suite.PATIENCE,
                        new ProcessBuilder("sh", "-c", "openssl " + line + " </dev/null")
                                .directory(folder.toFile()));
        return ran.out() + ran.err();
    }
}
