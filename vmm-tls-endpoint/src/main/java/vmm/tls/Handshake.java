package vmm.tls;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import vmm.tls.core.Presented;

/**
 * The server's side of one TLS 1.3 handshake. A certificate is asked for, and what is wrong with it
 * is told by the alert that names it: that is why this is Bouncy Castle's engine and not the JDK's.
 */
class Handshake extends DefaultTlsServer {
    /** What TLS allows: clients of albatross put an image into the leaf. */
    static final int MESSAGE_BYTES_MAX = (1 << 24) - 1;

    /** Of a chain that is read at all: Bouncy Castle calls a longer one an internal error. */
    static final int CERTIFICATES_READ_MAX = 255;

    private static final int[] SCHEMES = {
        SignatureScheme.ed25519,
        SignatureScheme.ecdsa_secp256r1_sha256,
        SignatureScheme.ecdsa_secp384r1_sha384,
        SignatureScheme.ecdsa_secp521r1_sha512,
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.rsa_pss_rsae_sha384,
        SignatureScheme.rsa_pss_rsae_sha512,
        SignatureScheme.rsa_pkcs1_sha256
    };

    private final Crypto crypto;
    private final Identity identity;
    private final Chains chains;
    private List<Shown> chain = List.of();
    private List<Presented> presented = List.of();

    Handshake(Crypto crypto, Identity identity, Chains chains) {
        super(crypto);
        this.crypto = crypto;
        this.identity = identity;
        this.chains = chains;
    }

    /** The client's chain, checked; complete once the handshake is. */
    List<Shown> chain() {
        return chain;
    }

    /** What the chain says; complete as well then. */
    List<Presented> presented() {
        return presented;
    }

    /** What the metrics call it: the alert that the client got. */
    static String result(IOException e) {
        return e instanceof TlsFatalAlert alert
                ? AlertDescription.getName(alert.getAlertDescription())
                : "failed";
    }

    /** The alert, and what lies deepest: Bouncy Castle's own alerts say no more than their name. */
    static String why(Exception e) {
        var whole = new StringBuilder(e.getMessage() == null ? "it was closed" : e.getMessage());
        for (Throwable next = e.getCause(); next != null; next = next.getCause()) {
            if (next.getCause() == null && next.getMessage() != null) {
                whole.append("; ").append(next.getMessage());
            }
        }
        return whole.toString();
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.TLSv13.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return TlsUtils.getSupportedCipherSuites(crypto, crypto.suites());
    }

    /** The cheapest that both know, not the client's favourite. */
    @Override
    protected boolean preferLocalCipherSuites() {
        return true;
    }

    @Override
    public int getMaxHandshakeMessageSize() {
        return MESSAGE_BYTES_MAX;
    }

    @Override
    public int getMaxCertificateChainLength() {
        return CERTIFICATES_READ_MAX;
    }

    @Override
    public boolean requiresCloseNotify() {
        return false;
    }

    @Override
    public TlsCredentials getCredentials() throws IOException {
        return identity.credentials(context);
    }

    @Override
    public CertificateRequest getCertificateRequest() throws IOException {
        @SuppressWarnings("JdkObsolete") // Bouncy Castle asks for it.
        var algorithms = new Vector<Object>();
        for (int scheme : SCHEMES) {
            algorithms.add(SignatureScheme.getSignatureAndHashAlgorithm(scheme));
        }
        return new CertificateRequest(TlsUtils.EMPTY_BYTES, algorithms, null, null);
    }

    @Override
    public void notifyClientCertificate(Certificate certificates) throws IOException {
        if (certificates == null || certificates.isEmpty()) {
            throw new TlsFatalAlert(AlertDescription.certificate_required);
        }
        try {
            List<Shown> shown = shown(certificates);
            chain = chains.check(shown);
            presented = readable(chain);
            shown.forEach(crypto::remember);
        } catch (Chains.Rejected e) {
            throw new TlsFatalAlert(e.alert(), e.getMessage());
        }
    }

    /** A name may be unreadable in itself; here an alert can still say so. */
    static List<Presented> readable(List<Shown> chain) throws Chains.Rejected {
        try {
            return Endpoint.presented(chain);
        } catch (RuntimeException e) { // Bouncy Castle reads some parts only now.
            throw new Chains.Rejected(
                    AlertDescription.bad_certificate, "malformed: " + e.getMessage());
        }
    }

    private static List<Shown> shown(Certificate certificates) {
        var all = new ArrayList<Shown>();
        for (int i = 0; i < certificates.getLength(); i++) {
            all.add((Shown) certificates.getCertificateAt(i));
        }
        return all;
    }
}
