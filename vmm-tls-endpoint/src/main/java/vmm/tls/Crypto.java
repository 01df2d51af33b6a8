package vmm.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipher;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipherImpl;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import vmm.core.Bytes;

/**
 * Bouncy Castle's primitives, but for AES-GCM: the JDK's uses the processor's instructions. Any
 * thread.
 */
final class Crypto extends BcTlsCrypto {
    private static final int MAC_BYTES = 16;
    private static final String AES_GCM = "AES/GCM/NoPadding";

    /** Looked for once: that takes as long as a few records. */
    private final Provider aesGcm;

    private final Recent<Bytes, Shown> known = new Recent<>();

    Crypto() throws IOException {
        super(new SecureRandom());
        try {
            aesGcm = Cipher.getInstance(AES_GCM).getProvider();
        } catch (GeneralSecurityException e) {
            throw new IOException("this JDK has no AES-GCM", e);
        }
    }

    @Override
    public TlsCertificate createCertificate(short type, byte[] der) throws IOException {
        if (type != CertificateType.X509) {
            return super.createCertificate(type, der);
        }
        Optional<Shown> before = known.find(Bytes.view(der, 0, der.length));
        return before.isPresent() ? before.get() : new Shown(this, der);
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
        return new TlsAEADCipher(
                parameters,
                new Gcm(Cipher.ENCRYPT_MODE, aesGcm),
                new Gcm(Cipher.DECRYPT_MODE, aesGcm),
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
