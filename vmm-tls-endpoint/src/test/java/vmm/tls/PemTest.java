package vmm.tls;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the endpoint says of the files that it cannot start with. */
class PemTest {
    @TempDir Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("file"), text);
    }

    @ParameterizedTest
    @CsvSource({
        "'', holds no private key: name one",
        "-----BEGIN PRIVATE KEY-----, is damaged: name another",
        "'-----BEGIN ENCRYPTED PRIVATE KEY-----\nMBowDQYJKoZIhvcNAQUNMAAECQAAAAAAAAAAAA==\n"
                + "-----END ENCRYPTED PRIVATE KEY-----', is encrypted: name what openssl pkey"
    })
    void key_isNamed_withTheNextStep(String text, String said) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> Pem.key(file))
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(said);
    }

    @ParameterizedTest
    @CsvSource({"''", "garbage", "-----BEGIN CERTIFICATE-----"})
    void certificate_isNamed_withTheNextStep(String text) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> Pem.certificates(Certificates.CRYPTO, file))
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining("name one in PEM");
    }

    @Test
    void missingFileAndFolder_areNamed() {
        assertThatThrownBy(() -> Pem.key(folder.resolve("none")))
                .hasMessageContaining("no such file: " + folder.resolve("none"));
        assertThatThrownBy(() -> Pem.certificates(Certificates.CRYPTO, folder))
                .hasMessageContaining("cannot read " + folder);
    }
}
