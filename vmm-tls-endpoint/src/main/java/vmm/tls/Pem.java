package vmm.tls;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.BERTags;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/** What stands in the files that the endpoint is started with. */
final class Pem {
    private static final long FILE_BYTES_MAX = 1 << 20;
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";

    private Pem() {}

    /** All certificates of a file in PEM or DER, at least one. */
    static List<Shown> certificates(Crypto crypto, Path file) throws IOException {
        byte[] bytes = read(file);
        try {
            var all = new ArrayList<Shown>();
            for (byte[] der : isDer(bytes) ? List.of(bytes) : objects(bytes, CERTIFICATE)) {
                all.add(Shown.read(crypto, der));
            }
            if (!all.isEmpty()) {
                return List.copyOf(all);
            }
        } catch (IOException _) {
            // It holds something else, or part of one.
        }
        throw new IOException(file + " holds no certificate that can be read: name one in PEM");
    }

    /** The first object of a kind, in PEM or DER. */
    static byte[] der(byte[] bytes, String kind) throws IOException {
        if (isDer(bytes)) {
            return bytes;
        }
        List<byte[]> all = objects(bytes, kind);
        if (all.isEmpty()) {
            throw new IOException("it holds no " + kind);
        }
        return all.getFirst();
    }

    private static boolean isDer(byte[] bytes) {
        return bytes.length > 0 && bytes[0] == (BERTags.SEQUENCE | BERTags.CONSTRUCTED);
    }

    /** By hand: Bouncy Castle's reader first sets up the JDK's logging, 20 ms of a start. */
    private static List<byte[]> objects(byte[] bytes, String kind) throws IOException {
        String text = new String(bytes, StandardCharsets.US_ASCII);
        String first = "-----BEGIN " + kind + "-----";
        String last = "-----END " + kind + "-----";
        var all = new ArrayList<byte[]>();
        for (int at = text.indexOf(first); at >= 0; at = text.indexOf(first, at)) {
            int from = at + first.length();
            at = text.indexOf(last, from);
            if (at < 0) {
                throw new IOException("a " + kind + " has no end");
            }
            all.add(decoded(text.substring(from, at)));
        }
        return all;
    }

    private static byte[] decoded(String lines) throws IOException {
        try {
            return Base64.getDecoder().decode(lines.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new IOException("damaged: " + e.getMessage(), e);
        }
    }

    static PrivateKeyInfo key(Path file) throws IOException {
        Object read = object(file, read(file));
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

    private static @Nullable Object object(Path file, byte[] bytes) throws IOException {
        try {
            List<byte[]> plain = objects(bytes, KEY);
            return plain.isEmpty() ? older(bytes) : PrivateKeyInfo.getInstance(plain.getFirst());
        } catch (IOException | RuntimeException e) { // Bouncy Castle has many for bad bytes.
            throw new IOException(file + " is damaged: name another file", e);
        }
    }

    /** What openssl wrote before PKCS 8, and what is encrypted. */
    private static @Nullable Object older(byte[] bytes) throws IOException {
        String text = new String(bytes, StandardCharsets.US_ASCII);
        try (var parser = new PEMParser(new StringReader(text))) {
            return parser.readObject();
        }
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
