package vmm.tls;

import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCertificate;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;

/** A certificate as TLS and as the JDK read it, each once. Any thread. */
final class Shown extends BcTlsCertificate {
    /** Longer ones carry an image, and come once. */
    static final int REMEMBERED_BYTES_MAX = 4 << 10;

    private final Bytes der;
    private volatile @Nullable AsymmetricKeyParameter key;
    private volatile @Nullable X509Certificate read;

    /**
     * @param der nobody changes it any more
     */
    Shown(Crypto crypto, byte[] der) throws IOException {
        super(crypto, der);
        this.der = Bytes.view(der, 0, der.length);
    }

    Bytes der() {
        return der;
    }

    boolean isShort() {
        return der.length() <= REMEMBERED_BYTES_MAX;
    }

    X509Certificate certificate() throws CertificateException {
        X509Certificate known = read;
        if (known == null) {
            known = Pem.certificate(der.toArray());
            read = known;
        }
        return known;
    }

    @Override
    public byte[] getEncoded() {
        return der.toArray();
    }

    @Override
    protected AsymmetricKeyParameter getPublicKey() throws IOException {
        AsymmetricKeyParameter known = key;
        if (known == null) {
            known = super.getPublicKey();
            key = known;
        }
        return known;
    }
}
