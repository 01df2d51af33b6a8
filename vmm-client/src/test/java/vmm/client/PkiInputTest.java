package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vmm.client.pki.Issuing;
import vmm.client.pki.KeyType;
import vmm.client.pki.PemFiles;
import vmm.client.pki.PkiProblem;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Header;

/** Keys, certificates and names that cannot be used: one line with the next step, and no file. */
class PkiInputTest {
    private static final KeyPair KEYS = KeyType.ed25519.generate();

    @TempDir static Path folder;

    @BeforeAll
    static void makeFiles() throws Exception {
        write("empty", "");
        write("cacert.pem", PemFiles.text(ca(KEYS, Duration.ofDays(1))));
        write("old.pem", PemFiles.text(ca(KEYS, Duration.ofSeconds(-5))));
        write("twin.pem", PemFiles.text(ca(KeyType.ed25519.generate(), Duration.ofDays(1))));
        write("ca.key", key(KEYS));
        write("twin.key", key(KeyType.ed25519.generate()));
        write("ed448.key", key(KeyPairGenerator.getInstance("Ed448").generateKeyPair()));
        write("encrypted.key", PemFiles.text("ENCRYPTED PRIVATE KEY", encrypted()));
        request("control.req", "a\nb");
        request("dots.req", "..");
        request("slash.req", "a/b");
        request("long.req", "x".repeat(65));
        request("remove.req", "x");
        write("bob.req", PemFiles.text(Issuing.enrolment(KEYS, "bob")));
        write("server.pem", PemFiles.text(signed("server", Issuing.Role.SERVER)));
        write("mid.pem", PemFiles.text(signed("mid", Issuing.Role.CA)));
        Files.createDirectory(folder.resolve("folder"));
    }

    private static byte[] encrypted() throws IOException {
        var algorithm = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2);
        return new EncryptedPrivateKeyInfo(algorithm, new byte[16]).getEncoded();
    }

    private static void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static String key(KeyPair keys) {
        return PemFiles.text("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    private static void request(String name, String subject) throws IOException, PkiProblem {
        var asked = new CertExtension(Header.Version.AV4, new Command.PolicyRemove());
        write(name, PemFiles.text(Issuing.request(KEYS, subject, asked)));
    }

    private static X509Certificate ca(KeyPair keys, Duration validity) throws PkiProblem {
        return certificate("ca", keys, Issuing.Role.CA, validity);
    }

    private static X509Certificate signed(String name, Issuing.Role role) throws PkiProblem {
        return certificate(name, KEYS, role, Duration.ofDays(1));
    }

    private static X509Certificate certificate(
            String name, KeyPair keys, Issuing.Role role, Duration validity) throws PkiProblem {
        var issuer = Issuing.commonName("ca");
        return Issuing.certificate(
                new Issuing.Signer(issuer, keys.getPrivate(), keys.getPublic()),
                Issuing.commonName(name),
                keys.getPublic(),
                role,
                Optional.empty(),
                validity,
                false);
    }

    private static Run run(String line) {
        return Run.vmm(
                Arrays.stream(line.split(" ", -1))
                        .map(
                                word ->
                                        word.startsWith("@")
                                                ? "" + folder.resolve(word.substring(1))
                                                : word)
                        .toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "sign @cacert.pem @db @empty @dots.req, not in PEM: name",
        "sign @cacert.pem @db @folder @dots.req, is a folder: name a file",
        "sign @cacert.pem @db @none @dots.req, no such file",
        "sign @cacert.pem @db @encrypted.key @dots.req, is encrypted: name what openssl pkey",
        "sign @cacert.pem @db @ed448.key @dots.req, 'key of another kind than [ed25519'",
        "sign @cacert.pem @db @twin.key @dots.req, twin.key is not the private key of",
        "sign @old.pem @db @ca.key @dots.req, the CA has expired on",
        "sign @cacert.pem @db @ca.key @ca.key, holds no signing request: name one",
        "sign @cacert.pem @db @ca.key @control.req, cannot name a file",
        "sign @cacert.pem @db @ca.key @dots.req, cannot name a file",
        "sign @cacert.pem @db @ca.key @slash.req, cannot name a file",
        "sign @cacert.pem @db @ca.key @long.req, at most 64 characters",
        "sign @cacert.pem @db @ca.key @bob.req, vmm delegate bob UNIKERNELS signs it",
        "delegate none 1 --ca @cacert.pem --ca-key @ca.key, have it made by vmm enrol none",
        "delegate none 1 --ca @mid.pem --ca-key @ca.key, does not end in the server's CA",
        "sign @cacert.pem @ca.key @ca.key @remove.req, would stand for two things",
        "sign @cacert.pem @folder @ca.key @remove.req, is a folder: move it away",
        "sign @cacert.pem @none/db @ca.key @remove.req, no such folder",
        "generate ca @ca.key, holds a key or a certificate",
        "generate server @db, would stand for two things",
        "generate ca @db --server cacert, would stand for two things",
        "generate .. @db, cannot name a file",
        "generate ca @db --server-days 0, --server-days 0: name 1 to",
        "add-policy a:b 1 --csr, more than one label",
        "revoke @cacert.pem @ca.key @cacert.pem, is the CA itself",
        "revoke @cacert.pem @ca.key @twin.pem, name the CA that did",
        "certificate @cacert.pem @twin.key -d localhost:1, is not the private key of",
        "certificate @server.pem @ca.key -d localhost:1, is not for clients: name one that says",
        "certificate @cacert.pem @ca.key -d -, add --destination HOST",
    })
    void command_saysWhatToDo_andWritesNothing(String line, String said) throws Exception {
        List<String> before = List.of(here(Path.of("")), here(folder));
        Run run = run(line);
        assertThat(run.exit()).as(run.err()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(said).hasLineCount(1);
        assertThat(List.of(here(Path.of("")), here(folder))).isEqualTo(before);
    }

    private static String here(Path folder) throws IOException {
        try (var all = Files.list(folder.toAbsolutePath())) {
            return all.sorted().toList().toString();
        }
    }

    @Test
    void lint_tells_whatNoEndpointDoes() {
        assertThat(run("lint @remove.req"))
                .isEqualTo(
                        new Run(
                                ExitCode.CHAIN_FAILURE,
                                "CN=x: endpoints do not take this command from outside, run it on"
                                        + " the server itself\n",
                                ""));
    }

    @ParameterizedTest
    @CsvSource({
        "info -d 127.0.0.1:1 --ca @cacert.pem --ca-key @ca.key --server-ca @cacert.pem, 122,"
                + " start the endpoint there",
        "info -d 127.0.0.1:1 --ca @cacert.pem --ca-key @ca.key --server-ca @twin.pem, 116,"
                + " is it signed by --server-ca?",
    })
    void destination_saysWhatToDo(String line, int exit, String said) {
        Run run = run(line);
        assertThat(run.exit()).isEqualTo(exit);
        assertThat(run.err()).contains(said).hasLineCount(1).doesNotContain("java.");
    }
}
