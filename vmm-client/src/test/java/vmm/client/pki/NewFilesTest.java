package vmm.client.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All files of a command or none; nothing that was there before is spoilt. */
class NewFilesTest {
    private static KeyPair keys;
    private static X509Certificate certificate;

    @TempDir Path folder;

    @BeforeAll
    static void makeCertificate() throws PkiProblem {
        keys = KeyType.ed25519.generate();
        var name = Issuing.commonName("ca");
        certificate =
                Issuing.certificate(
                        new Issuing.Signer(name, keys.getPrivate(), keys.getPublic()),
                        name,
                        keys.getPublic(),
                        Issuing.Role.CA,
                        Optional.empty(),
                        Duration.ofDays(1),
                        false);
    }

    private Path in(String name) {
        return folder.resolve(name);
    }

    private List<String> names() throws IOException {
        try (var all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void make_leavesNothing_whenTheLastFileCannotBeWritten() throws Exception {
        var files = new NewFiles();
        KeyPair _ = files.keyOrFresh(in("a.key"), KeyType.ed25519);
        files.put(in("a.pem"), "new");
        files.put(in("missing/b.pem"), "new");
        files.record(in("db"), certificate, "a");
        assertThatThrownBy(files::make)
                .hasMessage("cannot write " + in("missing/b.pem") + ": no such folder");
        assertThat(names()).isEmpty();
    }

    @Test
    void make_leavesOldFilesAsTheyWere_whenTheListCannotBeWritten() throws Exception {
        Files.writeString(in("a.pem"), "old");
        Files.writeString(in("db"), "1 a\n");
        var files = new NewFiles();
        files.put(in("a.pem"), "new");
        files.record(in("db"), certificate, "a");
        files.record(in("missing/db"), certificate, "a");
        assertThatThrownBy(files::make).hasMessageContaining("no such folder");
        assertThat(names()).containsExactly("a.pem", "db");
        assertThat(in("a.pem")).hasContent("old");
        assertThat(in("db")).hasContent("1 a\n");
    }

    @Test
    void make_replacesAndAppends() throws Exception {
        Files.writeString(in("a.pem"), "old");
        Files.writeString(in("db"), "1 a\n");
        var files = new NewFiles();
        files.put(in("a.pem"), "new");
        files.record(in("db"), certificate, "b");
        files.make();
        assertThat(names()).containsExactly("a.pem", "db");
        assertThat(in("a.pem")).hasContent("new");
        assertThat(in("db"))
                .hasContent("1 a\n" + certificate.getSerialNumber().toString(16) + " b\n");
    }

    @Test
    void put_refuses_whatIsReadOrMadeOrAFolder() throws Exception {
        Files.writeString(in("cacert.pem"), PemFiles.text(certificate));
        Files.createDirectory(in("folder"));
        var files = new NewFiles(in("cacert.pem"));
        KeyPair _ = files.keyOrFresh(in("a.key"), KeyType.ed25519);
        for (String name : List.of("cacert.pem", "folder/../cacert.pem", "a.key", "folder")) {
            assertThatThrownBy(() -> files.put(in(name), "x")).isInstanceOf(PkiProblem.class);
            assertThatThrownBy(() -> files.record(in(name), certificate, "x"))
                    .isInstanceOf(PkiProblem.class);
        }
    }

    @Test
    void record_refuses_aKeyInPlaceOfTheList() throws Exception {
        String key = PemFiles.text("PRIVATE KEY", keys.getPrivate().getEncoded());
        Files.writeString(in("ca.key"), key);
        assertThatThrownBy(() -> new NewFiles().record(in("ca.key"), certificate, "x"))
                .hasMessageContaining("holds a key");
        assertThat(in("ca.key")).hasContent(key);
    }
}
