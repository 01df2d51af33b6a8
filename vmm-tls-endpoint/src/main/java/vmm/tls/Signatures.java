package vmm.tls;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.jspecify.annotations.Nullable;

/** The signatures on certificates and revocation lists. Any thread. */
final class Signatures {
    /** What the JDK takes in certificates as well. */
    private static final int RSA_BITS_MIN = 1024;

    private static final int EC_BITS_MIN = 224;
    private static final Map<ASN1ObjectIdentifier, Supplier<Digest>> OF_CURVES =
            Map.of(
                    X9ObjectIdentifiers.ecdsa_with_SHA256, SHA256Digest::new,
                    X9ObjectIdentifiers.ecdsa_with_SHA384, SHA384Digest::new,
                    X9ObjectIdentifiers.ecdsa_with_SHA512, SHA512Digest::new);
    private static final Map<ASN1ObjectIdentifier, Supplier<Digest>> OF_RSA =
            Map.of(
                    PKCSObjectIdentifiers.sha256WithRSAEncryption, SHA256Digest::new,
                    PKCSObjectIdentifiers.sha384WithRSAEncryption, SHA384Digest::new,
                    PKCSObjectIdentifiers.sha512WithRSAEncryption, SHA512Digest::new);

    private Signatures() {}

    /** What a signature is made with is not known here, or too weak. */
    static final class Unsupported extends Exception {
        private static final long serialVersionUID = 1L;

        Unsupported(String why) {
            super(why);
        }
    }

    /**
     * True for the signature of {@code key}'s owner.
     *
     * @param stated how it is made, as what is signed says
     * @param used the same, as the signature says
     */
    static boolean isGood(
            ASN1Encodable signed,
            AlgorithmIdentifier stated,
            AlgorithmIdentifier used,
            ASN1BitString signature,
            AsymmetricKeyParameter key)
            throws Unsupported {
        Optional<Signer> fitting = signer(used.getAlgorithm(), key);
        if (fitting.isEmpty() || !stated.equals(used) || signature.getPadBits() != 0) {
            return false;
        }
        try {
            Signer check = fitting.get();
            check.init(false, key);
            byte[] bytes = signed.toASN1Primitive().getEncoded(ASN1Encoding.DER);
            check.update(bytes, 0, bytes.length);
            return check.verifySignature(signature.getOctets());
        } catch (IOException | RuntimeException e) { // None is good that cannot be read.
            return false;
        }
    }

    /** Nothing where a key of this kind makes no such signatures. */
    private static Optional<Signer> signer(
            ASN1ObjectIdentifier algorithm, AsymmetricKeyParameter key) throws Unsupported {
        if (algorithm.equals(EdECObjectIdentifiers.id_Ed25519)) {
            return key instanceof Ed25519PublicKeyParameters
                    ? Optional.of(new Ed25519Signer())
                    : Optional.empty();
        }
        @Nullable Supplier<Digest> ofCurves = OF_CURVES.get(algorithm);
        @Nullable Supplier<Digest> ofRsa = OF_RSA.get(algorithm);
        if (ofCurves == null && ofRsa == null) {
            throw new Unsupported("signatures of the kind " + algorithm + " are not taken");
        }
        if (ofCurves != null && key instanceof ECPublicKeyParameters ec) {
            atLeast(EC_BITS_MIN, ec.getParameters().getCurve().getFieldSize());
            return Optional.of(new DSADigestSigner(new ECDSASigner(), ofCurves.get()));
        }
        if (ofRsa != null && key instanceof RSAKeyParameters rsa) {
            atLeast(RSA_BITS_MIN, rsa.getModulus().bitLength());
            return Optional.of(new RSADigestSigner(ofRsa.get()));
        }
        return Optional.empty();
    }

    private static void atLeast(int bits, int found) throws Unsupported {
        if (found < bits) {
            throw new Unsupported("keys of " + found + " bits are not taken");
        }
    }
}
