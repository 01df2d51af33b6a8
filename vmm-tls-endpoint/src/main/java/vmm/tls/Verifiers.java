package vmm.tls;

import java.io.IOException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.util.List;
import java.util.function.Supplier;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.util.PublicKeyFactory;

/**
 * Bouncy Castle's checks of signatures for the JDK's certificates: those of Ed25519 and of elliptic
 * curves take it a tenth to a fifth of the JDK's time. It makes none. Any thread.
 */
final class Verifiers extends Provider {
    private static final long serialVersionUID = 1L;
    private static final String LISTED = "security.provider.";
    private static final List<String> NEEDED = List.of("SUN", "SunRsaSign", "SunEC", "SunJCE");

    private Verifiers() {
        super("vmm", "1", "checks signatures on certificates");
        add("Ed25519", "1.3.101.112", Ed25519Signer::new);
        add("SHA256withECDSA", "1.2.840.10045.4.3.2", () -> ecdsa(new SHA256Digest()));
        add("SHA384withECDSA", "1.2.840.10045.4.3.3", () -> ecdsa(new SHA384Digest()));
        add("SHA512withECDSA", "1.2.840.10045.4.3.4", () -> ecdsa(new SHA512Digest()));
    }

    /** From now on, for this process; once is enough. */
    static void install() {
        Security.insertProviderAt(new Verifiers(), 1);
    }

    /**
     * As {@link #install}, in a process that needs none but these of the JDK's providers: looking
     * for the others would load every one that is on the class path. Before anything else.
     */
    static void installAmongFew() {
        for (int i = 1; Security.getProperty(LISTED + i) != null; i++) {
            Security.setProperty(LISTED + i, NEEDED.get(Math.min(i, NEEDED.size()) - 1));
        }
        install();
    }

    private static Signer ecdsa(Digest digest) {
        return new DSADigestSigner(new ECDSASigner(), digest);
    }

    private void add(String name, String oid, Supplier<Signer> signer) {
        putService(
                new Service(this, "Signature", name, Verifier.class.getName(), List.of(oid), null) {
                    @Override
                    public Object newInstance(Object parameter) {
                        return new Verifier(signer.get());
                    }
                });
    }

    private static final class Verifier extends SignatureSpi {
        private final Signer signer;

        Verifier(Signer signer) {
            this.signer = signer;
        }

        @Override
        protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
            try {
                signer.init(false, PublicKeyFactory.createKey(key.getEncoded()));
            } catch (IOException | IllegalArgumentException | ClassCastException e) {
                throw new InvalidKeyException("not a key of this algorithm", e);
            }
        }

        @Override
        protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
            throw new InvalidKeyException("only checks");
        }

        @Override
        protected void engineUpdate(byte one) {
            signer.update(one);
        }

        @Override
        protected void engineUpdate(byte[] bytes, int from, int length) {
            signer.update(bytes, from, length);
        }

        @Override
        protected boolean engineVerify(byte[] signature) {
            return signer.verifySignature(signature);
        }

        @Override
        protected byte[] engineSign() throws SignatureException {
            throw new SignatureException("only checks");
        }

        @Deprecated
        @Override
        protected void engineSetParameter(String name, Object value) {
            throw new InvalidParameterException("there are no parameters");
        }

        @Deprecated
        @Override
        protected Object engineGetParameter(String name) {
            throw new InvalidParameterException("there are no parameters");
        }
    }
}
