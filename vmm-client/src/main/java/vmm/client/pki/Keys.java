package vmm.client.pki;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/** What is known about keys of every kind that certificates are made with. */
final class Keys {
    private static final List<ASN1ObjectIdentifier> CURVES =
            List.of(
                    SECObjectIdentifiers.secp256r1,
                    SECObjectIdentifiers.secp384r1,
                    SECObjectIdentifiers.secp521r1);

    private Keys() {}

    /** The public key of a private one. */
    static PublicKey publicKey(PrivateKey key) throws PkiProblem {
        return publicKey(PrivateKeyInfo.getInstance(key.getEncoded()));
    }

    static PublicKey publicKey(PrivateKeyInfo key) throws PkiProblem {
        try {
            AsymmetricKeyParameter secret = PrivateKeyFactory.createKey(key);
            AsymmetricKeyParameter open =
                    switch (secret) {
                        case Ed25519PrivateKeyParameters ed -> ed.generatePublicKey();
                        case RSAPrivateCrtKeyParameters rsa ->
                                new RSAKeyParameters(
                                        false, rsa.getModulus(), rsa.getPublicExponent());
                        case ECPrivateKeyParameters ec when isKnown(ec.getParameters()) ->
                                new ECPublicKeyParameters(
                                        ec.getParameters().getG().multiply(ec.getD()).normalize(),
                                        ec.getParameters());
                        default -> throw new PkiProblem("a key of this kind is not known");
                    };
            return publicKey(
                    SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(open).getEncoded());
        } catch (IOException e) {
            throw new PkiProblem("the key cannot be used: " + e.getMessage());
        }
    }

    private static boolean isKnown(ECDomainParameters curve) {
        return curve instanceof ECNamedDomainParameters named && CURVES.contains(named.getName());
    }

    static PublicKey publicKey(byte[] info) throws PkiProblem {
        try {
            var parsed = org.bouncycastle.asn1.x509.SubjectPublicKeyInfo.getInstance(info);
            String oid = parsed.getAlgorithm().getAlgorithm().getId();
            String algorithm =
                    switch (oid) {
                        case "1.2.840.113549.1.1.1" -> "RSA";
                        case "1.2.840.10045.2.1" -> "EC";
                        case "1.3.101.112" -> "Ed25519";
                        default ->
                                throw new PkiProblem("a key of the kind " + oid + " is not known");
                    };
            return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(info));
        } catch (GeneralSecurityException e) {
            throw new PkiProblem("the key cannot be used: " + e.getMessage());
        }
    }
}
