package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Random;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our checks of signatures beside the JDK's, which made the signatures. */
class SignaturesTest {
    private static final int FLIPS = 40;
    private static final ASN1Encodable MESSAGE = new DERUTF8String("what is signed");

    private static boolean jdks(String algorithm, PublicKey key, byte[] signature)
            throws GeneralSecurityException, IOException {
        Signature check = Signature.getInstance(algorithm);
        check.initVerify(key);
        check.update(MESSAGE.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        try {
            return check.verify(signature);
        } catch (SignatureException malformed) {
            return false;
        }
    }

    private static AlgorithmIdentifier named(String algorithm) {
        return new DefaultSignatureAlgorithmIdentifierFinder().find(algorithm);
    }

    private static boolean ours(String algorithm, PublicKey key, byte[] signature)
            throws IOException, Signatures.Unsupported {
        return Signatures.isGood(
                MESSAGE,
                named(algorithm),
                named(algorithm),
                new DERBitString(signature),
                PublicKeyFactory.createKey(key.getEncoded()));
    }

    @ParameterizedTest
    @CsvSource({
        "Ed25519,Ed25519,''",
        "SHA256withECDSA,EC,secp256r1",
        "SHA384withECDSA,EC,secp384r1",
        "SHA512withECDSA,EC,secp521r1",
        "SHA256withRSA,RSA,2048",
        "SHA384withRSA,RSA,2048",
        "SHA512withRSA,RSA,2048"
    })
    void isGood_saysWhatTheJdkSays(String algorithm, String type, String size) throws Exception {
        KeyPair keys = Certificates.keys(type, size);
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(keys.getPrivate());
        signing.update(MESSAGE.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        byte[] signature = signing.sign();
        assertThat(ours(algorithm, keys.getPublic(), signature)).isTrue();
        assertThat(ours(algorithm, Certificates.keys(type, size).getPublic(), signature)).isFalse();
        var random = new Random(Long.getLong("seed", 5));
        for (int i = 0; i < FLIPS; i++) {
            byte[] bad = signature.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(ours(algorithm, keys.getPublic(), bad))
                    .isEqualTo(jdks(algorithm, keys.getPublic(), bad))
                    .isFalse();
        }
        assertThat(ours(algorithm, keys.getPublic(), new byte[0])).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"SHA1withRSA,RSA,2048", "SHA1withECDSA,EC,secp256r1", "SHA256withRSA,RSA,512"})
    void isGood_refuses_whatIsNotTaken(String algorithm, String type, String size) {
        PublicKey key = Certificates.keys(type, size).getPublic();
        assertThatThrownBy(() -> ours(algorithm, key, new byte[64]))
                .isInstanceOf(Signatures.Unsupported.class);
    }

    @ParameterizedTest
    @CsvSource({"Ed25519,RSA,2048", "SHA256withRSA,Ed25519,''", "SHA256withECDSA,RSA,2048"})
    void isGood_isFalse_forTheKeyOfAnotherKind(String algorithm, String type, String size)
            throws Exception {
        PublicKey key = Certificates.keys(type, size).getPublic();
        assertThat(ours(algorithm, key, new byte[64])).isFalse();
    }

    @ParameterizedTest
    @CsvSource("Ed25519,SHA256withECDSA")
    void isGood_isFalse_whereTheSignedWordsSayAnotherKind(String used, String stated)
            throws Exception {
        KeyPair keys = Certificates.ed25519();
        Signature signing = Signature.getInstance(used);
        signing.initSign(keys.getPrivate());
        signing.update(MESSAGE.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        assertThat(
                        Signatures.isGood(
                                MESSAGE,
                                named(stated),
                                named(used),
                                new DERBitString(signing.sign()),
                                PublicKeyFactory.createKey(keys.getPublic().getEncoded())))
                .isFalse();
    }
}
