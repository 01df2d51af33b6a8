package vmm.client.pki;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import vmm.core.Policy;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Header;

/** What is signed, read back by ourselves and judged by openssl. */
class AuthorityTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir Path folder;

    private static X509Certificate root(KeyPair keys) throws PkiProblem {
        var name = Issuing.commonName("the CA");
        return Issuing.certificate(
                new Issuing.Signer(name, keys.getPrivate(), keys.getPublic()),
                name,
                keys.getPublic(),
                Issuing.Role.CA,
                Optional.empty(),
                Duration.ofDays(3650),
                false);
    }

    private static Command policy(long unikernels, long cpuid) {
        return new Command.PolicyAdd(
                Policy.of(List.of(cpuid), unikernels, 64, OptionalLong.empty(), List.of()));
    }

    private static CertExtension asked(long unikernels, long cpuid) {
        return new CertExtension(Header.Version.AV5, policy(unikernels, cpuid));
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    /** What openssl prints, and its exit code at the end. */
    private static String openssl(String... arguments) throws Exception {
        var line = new ArrayList<>(List.of("openssl"));
        line.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(line).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "openssl is missing: " + e.getMessage());
            throw e;
        }
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return out + "exit " + process.waitFor();
    }

    @ParameterizedTest
    @EnumSource(KeyType.class)
    void opensslTakesTheChain_andTheListThatRevokesIt(KeyType type) throws Exception {
        KeyPair caKeys = type.generate();
        X509Certificate ca = root(caKeys);
        Authority authority = Authority.of(ca, caKeys.getPrivate());
        KeyPair aliceKeys = type.generate();
        var request = Issuing.request(aliceKeys, "alice", asked(2, 0));
        X509Certificate alice =
                authority.sign(
                        request.getSubject(),
                        Issuing.publicKey(request),
                        Issuing.Role.CA,
                        Issuing.asked(request),
                        DAY);
        X509Certificate leaf =
                Authority.of(alice, aliceKeys.getPrivate())
                        .sign(
                                Issuing.commonName("u"),
                                type.generate().getPublic(),
                                Issuing.Role.CLIENT,
                                Optional.of(
                                        new CertExtension(
                                                Header.Version.AV4, new Command.Destroy())),
                                DAY);
        String caFile = file("ca.pem", PemFiles.text(ca));
        String aliceFile = file("alice.pem", PemFiles.text(alice));
        String leafFile = file("leaf.pem", PemFiles.text(leaf));
        assertThat(
                        openssl(
                                "verify",
                                "-purpose",
                                "sslclient",
                                "-CAfile",
                                caFile,
                                "-untrusted",
                                aliceFile,
                                leafFile))
                .endsWith("OK\nexit 0");
        assertThat(openssl("x509", "-noout", "-text", "-in", leafFile))
                .contains("TLS Web Client Authentication", "CA:FALSE", "1.3.6.1.4.1.49836.42")
                .contains("Digital Signature, Key Encipherment")
                .contains("X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier");
        assertThat(openssl("x509", "-noout", "-text", "-in", aliceFile))
                .contains("CA:TRUE")
                .contains("Digital Signature, Non Repudiation, Certificate Sign, CRL Sign");
        String requestFile =
                file("alice.req", PemFiles.text("CERTIFICATE REQUEST", request.getEncoded()));
        assertThat(openssl("req", "-noout", "-verify", "-in", requestFile)).endsWith("exit 0");
        X509CRL first = authority.revoke(Optional.empty(), leaf.getSerialNumber(), DAY);
        X509CRL second = authority.revoke(Optional.of(first), alice.getSerialNumber(), DAY);
        assertThat(second.getRevokedCertificates()).hasSize(2);
        String list = file("ca.crl", PemFiles.text("X509 CRL", second.getEncoded()));
        assertThat(openssl("crl", "-noout", "-CAfile", caFile, "-in", list)).contains("verify OK");
        assertThat(openssl("crl", "-noout", "-crlnumber", "-in", list)).containsPattern("0x0?2\n");
        assertThat(openssl("verify", "-crl_check", "-CRLfile", list, "-CAfile", caFile, aliceFile))
                .contains("certificate revoked");
        assertThat(Lint.chain(List.of(leaf, alice, ca), Instant.now()))
                .singleElement()
                .asString()
                .startsWith("CN=alice expires");
    }

    @Test
    void allow_refuses_whatTheOwnPolicyDoes() throws Exception {
        KeyPair caKeys = KeyType.p256.generate();
        Authority authority = Authority.of(root(caKeys), caKeys.getPrivate());
        KeyPair keys = KeyType.p256.generate();
        X509Certificate alice =
                authority.sign(
                        Issuing.commonName("alice"),
                        keys.getPublic(),
                        Issuing.Role.CA,
                        Optional.of(asked(2, 0)),
                        DAY);
        Authority delegated = Authority.of(alice, keys.getPrivate());
        delegated.allow(policy(2, 0));
        assertThatThrownBy(() -> delegated.allow(policy(3, 0))).isInstanceOf(PkiProblem.class);
        assertThatThrownBy(() -> delegated.allow(policy(2, 1))).isInstanceOf(PkiProblem.class);
        assertThatThrownBy(() -> authority.allow(policy(0, 1))).isInstanceOf(PkiProblem.class);
        assertThatThrownBy(() -> Authority.of(alice, caKeys.getPrivate()))
                .hasMessageContaining("does not match");
    }

    @Test
    void lint_namesWhatGrows_expired_orStandsInTheWrongPlace() throws Exception {
        KeyPair caKeys = KeyType.p256.generate();
        X509Certificate ca = root(caKeys);
        KeyPair keys = KeyType.p256.generate();
        X509Certificate small =
                Authority.of(ca, caKeys.getPrivate())
                        .sign(
                                Issuing.commonName("small"),
                                keys.getPublic(),
                                Issuing.Role.CA,
                                Optional.of(asked(1, 0)),
                                Duration.ofDays(100));
        X509Certificate large =
                Authority.of(small, keys.getPrivate())
                        .sign(
                                Issuing.commonName("lar ge"),
                                keys.getPublic(),
                                Issuing.Role.CA,
                                Optional.of(asked(5, 1)),
                                Duration.ofDays(100));
        assertThat(Lint.chain(List.of(small, ca), Instant.now())).isEmpty();
        assertThat(Lint.chain(List.of(large, small, ca), Instant.now()))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("CN=lar ge: "));
        assertThat(Lint.chain(List.of(large, ca), Instant.now()))
                .anyMatch(line -> line.contains("not signed by the certificate behind it"));
        assertThat(Lint.chain(List.of(small, ca), Instant.now().plus(Duration.ofDays(101))))
                .anyMatch(line -> line.contains("has expired"));
        assertThat(Lint.request(bare(keys))).singleElement().asString().contains("neither");
        assertThat(Lint.request(Issuing.enrolment(keys, "x"))).isEmpty();
        var asking = Issuing.request(keys, "x", asked(0, 0));
        assertThat(Lint.request(asking)).singleElement().asString().contains("unusable");
    }

    /** As openssl req makes it. */
    private static PKCS10CertificationRequest bare(KeyPair keys) throws OperatorCreationException {
        return new JcaPKCS10CertificationRequestBuilder(Issuing.commonName("x"), keys.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
    }

    private static X509Certificate leaf(
            Authority issuer, Issuing.Role role, Command command, KeyPair keys) throws PkiProblem {
        var stated = new CertExtension(Header.Version.AV5, command);
        return issuer.sign(
                Issuing.commonName("u"), keys.getPublic(), role, Optional.of(stated), DAY);
    }

    @Test
    void lint_names_whatMustNotCommand() throws Exception {
        KeyPair keys = KeyType.p256.generate();
        X509Certificate ca = root(keys);
        Authority issuer = Authority.of(ca, keys.getPrivate());
        var good = leaf(issuer, Issuing.Role.CLIENT, new Command.Destroy(), keys);
        assertThat(Lint.chain(List.of(good, ca), Instant.now())).isEmpty();
        var server = leaf(issuer, Issuing.Role.SERVER, new Command.Destroy(), keys);
        assertThat(Lint.chain(List.of(server, ca), Instant.now()))
                .containsExactly("CN=u is not for TLS clients, as what commands must be");
        var authority = leaf(issuer, Issuing.Role.CA, new Command.Destroy(), keys);
        assertThat(Lint.chain(List.of(authority, ca), Instant.now()))
                .contains("CN=u is a CA with a command, endpoints take a policy there alone");
    }

    private static KeyPair fresh(Path file, KeyType type) throws PkiProblem {
        var files = new NewFiles();
        KeyPair keys = files.keyOrFresh(file, type);
        files.make();
        return keys;
    }

    @Test
    void keys_areTheirOwners_andNeverWrittenOver() throws Exception {
        Path file = folder.resolve("x.key");
        KeyPair made = fresh(file, KeyType.ed25519);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("r--------");
        KeyPair again = fresh(file, KeyType.p521);
        assertThat(again.getPrivate()).isEqualTo(made.getPrivate());
        assertThat(again.getPublic()).isEqualTo(made.getPublic());
    }
}
