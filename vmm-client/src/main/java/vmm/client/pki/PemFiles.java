package vmm.client.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import vmm.client.files.Reason;

/** Files in PEM. */
public final class PemFiles {
    private static final long FILE_BYTES_MAX = 64L << 20;
    private static final int LINE_CHARS = 64;

    private PemFiles() {}

    private static byte[] bytes(Path file) throws PkiProblem {
        try {
            if (Files.notExists(file)) {
                throw new PkiProblem("no such file: " + file);
            }
            if (Files.isDirectory(file)) {
                throw new PkiProblem(file + " is a folder: name a file in PEM");
            }
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new PkiProblem(file + " is too long: name a file in PEM");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new PkiProblem("cannot read " + file + ": " + Reason.of(e));
        }
    }

    static String ascii(Path file) throws PkiProblem {
        return new String(bytes(file), StandardCharsets.US_ASCII);
    }

    private static Object object(Path file) throws PkiProblem {
        try (var parser = new PEMParser(new StringReader(ascii(file)))) {
            Object found = parser.readObject();
            if (found == null) {
                throw new PkiProblem(file + " is not in PEM: name a file that is");
            }
            return found;
        } catch (IOException e) {
            throw new PkiProblem(file + " is damaged: make it anew, or name another file");
        }
    }

    /** The certificates of a file, at least one. */
    public static List<X509Certificate> certificates(Path file) throws PkiProblem {
        try {
            var all =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes(file)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (all.isEmpty()) {
                throw new PkiProblem(file + " holds no certificate: name one in PEM");
            }
            return all;
        } catch (CertificateException | IndexOutOfBoundsException e) {
            // The JDK trips over keys that are cut short.
            throw new PkiProblem(file + " holds no certificate that can be read: name one in PEM");
        }
    }

    public static X509CRL crl(Path file) throws PkiProblem {
        try {
            return (X509CRL)
                    CertificateFactory.getInstance("X.509")
                            .generateCRL(new ByteArrayInputStream(bytes(file)));
        } catch (CertificateException | CRLException e) {
            throw new PkiProblem(
                    file + " holds no revocation list: move it away for a new one to be made");
        }
    }

    /** A key that can sign, and what fits it. */
    public static KeyPair keyPair(Path file) throws PkiProblem {
        PrivateKeyInfo info =
                switch (object(file)) {
                    case PrivateKeyInfo key -> key;
                    case PEMKeyPair pair -> pair.getPrivateKeyInfo();
                    case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
                            throw new PkiProblem(
                                    file
                                            + " is encrypted: name what openssl pkey -in "
                                            + file
                                            + " makes of it");
                    default -> throw new PkiProblem(file + " holds no private key: name one");
                };
        try {
            return new KeyPair(Keys.publicKey(info), new JcaPEMKeyConverter().getPrivateKey(info));
        } catch (IOException | PkiProblem _) {
            throw new PkiProblem(
                    file
                            + " holds a key of another kind than "
                            + List.of(KeyType.values())
                            + ": make one with vmm generate or vmm enrol");
        }
    }

    /** Who signs, or shows a certificate: it and its key, in a file each. */
    public static Authority authority(Path certificate, Path key) throws PkiProblem {
        X509Certificate own = certificates(certificate).getFirst();
        KeyPair pair = keyPair(key);
        if (!own.getPublicKey().equals(pair.getPublic())) {
            throw new PkiProblem(
                    key + " is not the private key of " + certificate + ": name the one that is");
        }
        return Authority.of(own, pair.getPrivate());
    }

    /** True for a file that holds a signing request, whatever is in it. */
    public static boolean isRequest(Path file) throws PkiProblem {
        return ascii(file).contains("-----BEGIN CERTIFICATE REQUEST-----");
    }

    public static PKCS10CertificationRequest request(Path file) throws PkiProblem {
        if (object(file) instanceof PKCS10CertificationRequest request) {
            return request;
        }
        throw new PkiProblem(file + " holds no signing request: name one in PEM");
    }

    public static String text(String what, byte[] der) {
        String lines = Base64.getMimeEncoder(LINE_CHARS, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
    }

    public static String text(X509Certificate certificate) throws PkiProblem {
        try {
            return text("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateException e) {
            throw new PkiProblem("a certificate cannot be encoded: " + e.getMessage());
        }
    }

    public static String text(PKCS10CertificationRequest request) throws PkiProblem {
        try {
            return text("CERTIFICATE REQUEST", request.getEncoded());
        } catch (IOException e) {
            throw new PkiProblem("the request cannot be encoded: " + e.getMessage());
        }
    }

    public static String text(X509CRL list) throws PkiProblem {
        try {
            return text("X509 CRL", list.getEncoded());
        } catch (CRLException e) {
            throw new PkiProblem("the list cannot be encoded: " + e.getMessage());
        }
    }
}
