package vmm.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipher;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipherImpl;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;

/**
 * Bouncy Castle's primitives, but for AES-GCM: the JDK's uses the processor's instructions. Any
 * thread.
 */
final class Crypto extends BcTlsCrypto {
    private static final int MAC_BYTES = 16;
    private static final String AES_GCM = "AES/GCM/NoPadding";

    private static final int[] SUITES = {
        CipherSuite.TLS_AES_128_GCM_SHA256,
        CipherSuite.TLS_AES_256_GCM_SHA384,
        CipherSuite.TLS_CHACHA20_POLY1305_SHA256
    };

    /** Interpreted, ChaCha20 takes less time than the JDK's AES takes to be found. */
    private static final int[] SUITES_OF_ONE = {
        CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        CipherSuite.TLS_AES_128_GCM_SHA256,
        CipherSuite.TLS_AES_256_GCM_SHA384
    };

    private final boolean forOne;
    private final Recent<Bytes, Shown> known = new Recent<>();
    private volatile @Nullable Provider aesGcm;

    /**
     * @param forOne for one connection: nothing is set up before it is needed
     */
    Crypto(boolean forOne) throws IOException {
        super(new KernelRandom());
        this.forOne = forOne;
        if (!forOne) {
            aesGcm = findAesGcm();
        }
    }

    /** Looked for once: that takes as long as a few records. */
    private static Provider findAesGcm() throws IOException {
        try {
            return Cipher.getInstance(AES_GCM).getProvider();
        } catch (GeneralSecurityException e) {
            throw new IOException("this JDK has no AES-GCM", e);
        }
    }

    /** The cipher suites, the one that costs least first. */
    int[] suites() {
        return (forOne ? SUITES_OF_ONE : SUITES).clone();
    }

    @Override
    public TlsCertificate createCertificate(short type, byte[] der) throws IOException {
        if (type != CertificateType.X509) {
            return super.createCertificate(type, der);
        }
        Optional<Shown> before = known.find(Bytes.view(der, 0, der.length));
        return before.isPresent() ? before.get() : Shown.read(this, der);
    }

    /** It need not be read again. */
    void remember(Shown good) {
        if (good.isShort()) {
            known.keep(good.der(), good);
        }
    }

    @Override
    protected TlsAEADCipher createCipher_AES_GCM(
            TlsCryptoParameters parameters, int keyBytes, int macBytes) throws IOException {
        Provider found = aesGcm;
        if (found == null) {
            found = findAesGcm();
            aesGcm = found;
        }
        return new TlsAEADCipher(
                parameters,
                new Gcm(Cipher.ENCRYPT_MODE, found),
                new Gcm(Cipher.DECRYPT_MODE, found),
                keyBytes,
                macBytes,
                TlsAEADCipher.AEAD_GCM,
                null);
    }

    /** One direction of one connection. */
    private static final class Gcm implements TlsAEADCipherImpl {
        private final int mode;
        private final Cipher cipher;
        private SecretKeySpec key = new SecretKeySpec(new byte[MAC_BYTES], "AES");

        Gcm(int mode, Provider provider) throws IOException {
            this.mode = mode;
            try {
                cipher = Cipher.getInstance(AES_GCM, provider);
            } catch (GeneralSecurityException e) {
                throw new IOException("cannot set up AES-GCM", e);
            }
        }

        @Override
        public void setKey(byte[] bytes, int offset, int length) {
            key = new SecretKeySpec(bytes, offset, length, "AES");
        }

        @Override
        public void init(byte[] nonce, int macBytes) throws IOException {
            try {
                cipher.init(mode, key, new GCMParameterSpec(macBytes * 8, nonce));
            } catch (GeneralSecurityException e) {
                throw new IOException("cannot set up AES-GCM", e);
            }
        }

        @Override
        public int getOutputSize(int inputBytes) {
            return mode == Cipher.ENCRYPT_MODE
                    ? inputBytes + MAC_BYTES
                    : Math.max(0, inputBytes - MAC_BYTES);
        }

        @Override
        public int doFinal(
                byte[] additional, byte[] in, int inAt, int length, byte[] out, int outAt)
                throws IOException {
            try {
                cipher.updateAAD(additional);
                return cipher.doFinal(in, inAt, length, out, outAt);
            } catch (GeneralSecurityException e) {
                throw new org.bouncycastle.tls.TlsFatalAlert(
                        org.bouncycastle.tls.AlertDescription.bad_record_mac, e);
            }
        }
    }
}
