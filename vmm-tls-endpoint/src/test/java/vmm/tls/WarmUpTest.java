package vmm.tls;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WarmUpTest {
    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({"Ed25519, Ed25519", "RSA, 2048", "EC, secp256r1", "EC, secp384r1", "EC, secp521r1"})
    void endpoint_canTalkToItself_withEveryKindOfKey(String algorithm, String curveOrBits)
            throws Exception {
        Certificates.Holder ca = Certificates.root("the CA");
        Identity identity = House.identity(folder, ca, Certificates.keys(algorithm, curveOrBits));
        var chains =
                new Chains(
                        ca.shown(), new Revocations(folder, Optional.empty()), Clock.systemUTC());
        assertThatCode(() -> WarmUp.run(Certificates.CRYPTO, identity, chains))
                .doesNotThrowAnyException();
    }
}
