package vmm.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;

/**
 * Who the endpoint is: its certificates and its key. Any thread.
 *
 * <p>Kinds are asked for one by one: a switch over them makes a class at each start, and under
 * inetd each connection is one.
 */
final class Identity {
    private static final String UNKNOWN =
            " is neither ed25519, nor RSA, nor P-256/384/521: make one with vmm generate";

    private final Crypto crypto;
    private final AsymmetricKeyParameter key;
    private final int scheme;
    private final CertificateEntry[] entries;

    private Identity(
            Crypto crypto, AsymmetricKeyParameter key, int scheme, CertificateEntry[] entries) {
        this.crypto = crypto;
        this.key = key;
        this.scheme = scheme;
        this.entries = entries;
    }

    /** Reads the key of {@code chain}, which stood in {@code certificate}. */
    static Identity read(Crypto crypto, Path certificate, List<Shown> chain, Path keyFile)
            throws IOException {
        PrivateKeyInfo info = Pem.key(keyFile);
        AsymmetricKeyParameter key;
        try {
            key = parsed(info);
        } catch (IOException | RuntimeException e) { // Bouncy Castle has many for bad bytes.
            throw new IOException(
                    keyFile + " holds no key that can be used: make one with vmm generate", e);
        }
        var entries = new CertificateEntry[chain.size()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = new CertificateEntry(chain.get(i), null);
        }
        int scheme = scheme(keyFile, key);
        if (!belongs(key, chain.getFirst())) {
            throw new IOException(
                    keyFile + " is not the key of " + certificate + ": name the one that is");
        }
        return new Identity(crypto, key, scheme, entries);
    }

    /** The usual kind by hand: Bouncy Castle sets up all kinds before it reads the first. */
    private static AsymmetricKeyParameter parsed(PrivateKeyInfo info) throws IOException {
        return info.getPrivateKeyAlgorithm().getAlgorithm().equals(EdECObjectIdentifiers.id_Ed25519)
                ? new Ed25519PrivateKeyParameters(
                        ASN1OctetString.getInstance(info.parsePrivateKey()).getOctets())
                : PrivateKeyFactory.createKey(info);
    }

    private static int scheme(Path file, AsymmetricKeyParameter key) throws IOException {
        if (key instanceof Ed25519PrivateKeyParameters) {
            return SignatureScheme.ed25519;
        }
        if (key instanceof RSAKeyParameters) {
            return SignatureScheme.rsa_pss_rsae_sha256;
        }
        if (key instanceof ECPrivateKeyParameters ec) {
            return switch (ec.getParameters().getCurve().getFieldSize()) {
                case 256 -> SignatureScheme.ecdsa_secp256r1_sha256;
                case 384 -> SignatureScheme.ecdsa_secp384r1_sha384;
                case 521 -> SignatureScheme.ecdsa_secp521r1_sha512;
                default -> throw new IOException(file + UNKNOWN);
            };
        }
        throw new IOException(file + UNKNOWN);
    }

    private static boolean belongs(AsymmetricKeyParameter key, Shown certificate)
            throws IOException {
        AsymmetricKeyParameter stated = certificate.getPublicKey();
        if (key instanceof Ed25519PrivateKeyParameters own) {
            return stated instanceof Ed25519PublicKeyParameters its
                    && Arrays.equals(own.generatePublicKey().getEncoded(), its.getEncoded());
        }
        if (key instanceof RSAKeyParameters own) {
            return stated instanceof RSAKeyParameters its
                    && own.getModulus().equals(its.getModulus());
        }
        return key instanceof ECPrivateKeyParameters own
                && stated instanceof ECPublicKeyParameters its
                && own.getParameters().getCurve().equals(its.getParameters().getCurve())
                && own.getParameters().getG().multiply(own.getD()).equals(its.getQ());
    }

    /** What this side signs with, if the peer understands it. */
    TlsCredentials credentials(TlsContext context) throws IOException {
        SignatureAndHashAlgorithm algorithm = SignatureScheme.getSignatureAndHashAlgorithm(scheme);
        Vector<?> offered = context.getSecurityParametersHandshake().getClientSigAlgs();
        if (!TlsUtils.containsSignatureAlgorithm(offered, algorithm)) {
            throw new TlsFatalAlert(
                    AlertDescription.handshake_failure,
                    "the client does not know " + SignatureScheme.getText(scheme));
        }
        return new BcDefaultTlsCredentialedSigner(
                new TlsCryptoParameters(context),
                crypto,
                key,
                new Certificate(TlsUtils.EMPTY_BYTES, entries),
                algorithm);
    }
}
