package vmm.client.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECGenParameterSpec;

/** The kinds of keys that can be made; the names are those of {@code --key-type}. */
public enum KeyType {
    ed25519("Ed25519", "", 0),
    rsa2048("RSA", "", 2048),
    rsa4096("RSA", "", 4096),
    p256("EC", "secp256r1", 0),
    p384("EC", "secp384r1", 0),
    p521("EC", "secp521r1", 0);

    private final String algorithm;
    private final String curve;
    private final int bits;

    KeyType(String algorithm, String curve, int bits) {
        this.algorithm = algorithm;
        this.curve = curve;
        this.bits = bits;
    }

    /** A fresh pair. */
    public KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (!curve.isEmpty()) {
                generator.initialize(new ECGenParameterSpec(curve));
            } else if (bits > 0) {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("this JDK makes no " + this + " keys", e);
        }
    }

    /** The signature that a key of this kind gives. */
    static String signature(PrivateKey key) {
        return switch (key) {
            case RSAKey _ -> "SHA256withRSA";
            case ECKey ec ->
                    switch (ec.getParams().getCurve().getField().getFieldSize()) {
                        case 256 -> "SHA256withECDSA";
                        case 384 -> "SHA384withECDSA";
                        default -> "SHA512withECDSA";
                    };
            default -> "Ed25519";
        };
    }
}
