package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our checks of signatures beside the JDK's, which made the signatures. */
class VerifiersTest {
    private static final int FLIPS = 40;

    @BeforeAll
    static void install() {
        Verifiers.install();
    }

    private static boolean verify(Signature check, PublicKey key, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        check.initVerify(key);
        check.update(message);
        try {
            return check.verify(signature);
        } catch (SignatureException malformed) {
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Ed25519,Ed25519,''",
        "SHA256withECDSA,EC,secp256r1",
        "SHA384withECDSA,EC,secp384r1",
        "SHA512withECDSA,EC,secp521r1"
    })
    void verify_saysWhatTheJdkSays(String algorithm, String type, String curve) throws Exception {
        KeyPair keys = Certificates.keys(type, curve);
        byte[] message = "what is signed".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Signature signing = Signature.getInstance(algorithm, "SunEC");
        signing.initSign(keys.getPrivate());
        signing.update(message);
        byte[] signature = signing.sign();
        Signature ours = Signature.getInstance(algorithm, "vmm");
        Signature jdks = Signature.getInstance(algorithm, "SunEC");
        assertThat(verify(ours, keys.getPublic(), message, signature)).isTrue();
        assertThat(verify(ours, Certificates.keys(type, curve).getPublic(), message, signature))
                .isFalse();
        assertThat(verify(ours, keys.getPublic(), new byte[0], signature)).isFalse();
        var random = new Random(Long.getLong("seed", 5));
        for (int i = 0; i < FLIPS; i++) {
            byte[] bad = signature.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(verify(ours, keys.getPublic(), message, bad))
                    .isEqualTo(verify(jdks, keys.getPublic(), message, bad))
                    .isFalse();
        }
        assertThat(verify(ours, keys.getPublic(), message, new byte[0])).isFalse();
    }

    @Test
    void initVerify_refusesTheKeyOfAnotherAlgorithm() throws Exception {
        PublicKey other = Certificates.keys("RSA", "2048").getPublic();
        Signature check = Signature.getInstance("Ed25519", "vmm");
        assertThatThrownBy(() -> check.initVerify(other)).isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void signatures_areStillMade_byTheJdk() throws Exception {
        KeyPair keys = Certificates.ed25519();
        Signature signing = Signature.getInstance("Ed25519");
        signing.initSign(keys.getPrivate());
        assertThat(signing.sign()).hasSize(64);
    }
}
