package vmm.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/** What stands in the files that the endpoint is started with. */
final class Pem {
    private static final long FILE_BYTES_MAX = 1 << 20;

    private Pem() {}

    static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (CertificateException e) {
            throw new AssertionError("every JDK reads X.509", e);
        }
    }

    /**
     * One certificate. The JDK trips over some keys that are cut short, instead of refusing them.
     */
    static X509Certificate certificate(byte[] der) throws CertificateException {
        try {
            return (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(der));
        } catch (IndexOutOfBoundsException e) {
            throw new CertificateException("its key is cut short", e);
        }
    }

    /** All certificates of a file, at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            var all = new ArrayList<X509Certificate>();
            for (var one : factory().generateCertificates(new ByteArrayInputStream(read(file)))) {
                all.add((X509Certificate) one);
            }
            if (all.isEmpty()) {
                throw new IOException(file + " holds no certificate: name one in PEM");
            }
            return List.copyOf(all);
        } catch (CertificateException | IndexOutOfBoundsException e) {
            throw new IOException(file + " holds no certificate that can be read: name one in PEM");
        }
    }

    static PrivateKeyInfo key(Path file) throws IOException {
        Object read = object(file);
        if (read instanceof PrivateKeyInfo key) {
            return key;
        }
        if (read instanceof PEMKeyPair pair) {
            return pair.getPrivateKeyInfo();
        }
        if (read instanceof PEMEncryptedKeyPair || read instanceof PKCS8EncryptedPrivateKeyInfo) {
            throw new IOException(
                    file + " is encrypted: name what openssl pkey -in " + file + " makes of it");
        }
        throw new IOException(file + " holds no private key: name one in PEM");
    }

    private static @Nullable Object object(Path file) throws IOException {
        String text = text(file);
        try (var parser = new PEMParser(new StringReader(text))) {
            return parser.readObject();
        } catch (IOException e) {
            throw new IOException(file + " is damaged: name another file");
        }
    }

    private static String text(Path file) throws IOException {
        return new String(read(file), StandardCharsets.US_ASCII);
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new IOException("no such file: " + file + " (vmm generate makes all three)");
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IOException(
                    "cannot read " + file + ": name a file that the endpoint's user may read");
        }
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(file + " is longer than " + FILE_BYTES_MAX + " bytes");
        }
        return Files.readAllBytes(file);
    }
}
