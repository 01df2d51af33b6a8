package vmm.client.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** Files in PEM. Keys are for their owner alone and are never written over. */
public final class PemFiles {
    private static final long FILE_BYTES_MAX = 64L << 20;
    private static final int LINE_CHARS = 64;

    private PemFiles() {}

    private static byte[] bytes(Path file) throws PkiProblem {
        try {
            if (Files.notExists(file)) {
                throw new PkiProblem("no such file: " + file);
            }
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new PkiProblem(file + " is too long");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new PkiProblem("cannot read " + file + ": " + e.getMessage());
        }
    }

    private static Object object(Path file) throws PkiProblem {
        var text = new String(bytes(file), StandardCharsets.US_ASCII);
        try (var parser = new PEMParser(new StringReader(text))) {
            Object found = parser.readObject();
            if (found == null) {
                throw new PkiProblem(file + " is not in PEM");
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
                throw new PkiProblem(file + " holds no certificate");
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
            throw new PkiProblem(file + " holds no revocation list: " + e.getMessage());
        }
    }

    public static PrivateKey key(Path file) throws PkiProblem {
        try {
            PrivateKeyInfo info =
                    switch (object(file)) {
                        case PrivateKeyInfo key -> key;
                        case PEMKeyPair pair -> pair.getPrivateKeyInfo();
                        default -> throw new PkiProblem(file + " holds no private key");
                    };
            return new JcaPEMKeyConverter().getPrivateKey(info);
        } catch (IOException e) {
            throw new PkiProblem(file + " holds no key that can be used: " + e.getMessage());
        }
    }

    /** True for a file that holds a signing request, whatever is in it. */
    public static boolean isRequest(Path file) throws PkiProblem {
        return new String(bytes(file), StandardCharsets.US_ASCII)
                .contains("-----BEGIN CERTIFICATE REQUEST-----");
    }

    public static PKCS10CertificationRequest request(Path file) throws PkiProblem {
        if (object(file) instanceof PKCS10CertificationRequest request) {
            return request;
        }
        throw new PkiProblem(file + " holds no signing request");
    }

    /** The key of a file; a fresh one, written there, if there is no such file. */
    public static KeyPair keyOrFresh(Path file, KeyType type) throws PkiProblem {
        if (Files.exists(file)) {
            PrivateKey key = key(file);
            return new KeyPair(Keys.publicKey(key), key);
        }
        KeyPair fresh = type.generate();
        byte[] pem =
                text("PRIVATE KEY", fresh.getPrivate().getEncoded())
                        .getBytes(StandardCharsets.US_ASCII);
        var owner =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r--------"));
        try (var channel =
                Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        owner)) {
            channel.write(java.nio.ByteBuffer.wrap(pem));
            return fresh;
        } catch (FileAlreadyExistsException e) {
            throw new PkiProblem(file + " has just been made by somebody else");
        } catch (IOException e) {
            throw new PkiProblem("cannot write " + file + ": " + reason(e));
        }
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

    /** Writes beside and renames: a reader sees the old file or the new one. */
    public static void write(Path file, String text) throws PkiProblem {
        try {
            Path fresh = Path.of(file + ".new");
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new PkiProblem("cannot write " + file + ": " + reason(e));
        }
    }

    public static void append(Path file, String line) throws PkiProblem {
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new PkiProblem("cannot write " + file + ": " + reason(e));
        }
    }

    private static String reason(IOException e) {
        return e instanceof NoSuchFileException ? "no such folder" : String.valueOf(e.getMessage());
    }
}
