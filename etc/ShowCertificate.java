import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Shows a certificate to vmm-tls-endpoint again and again, so that its AOT cache knows what to
 * compile: {@code ShowCertificate PORT CA LEAF KEY TIMES [MIB]}. PEM files, an Ed25519 key; MIB is how
 * long an image follows each, where the certificate creates a unikernel.
 */
final class ShowCertificate {
    private static final Duration MOST = Duration.ofSeconds(20);
    private static final int PIECE_BYTES = 1 << 20;
    private static final int ANSWER_MILLIS_MAX = 20_000;

    private ShowCertificate() {}

    public static void main(String... arguments) throws GeneralSecurityException, IOException {
        int port = Integer.parseInt(arguments[0]);
        SSLContext tls = context(arguments[1], arguments[2], arguments[3]);
        int times = Integer.parseInt(arguments[4]);
        int pieces = arguments.length > 5 ? Integer.parseInt(arguments[5]) : 0;
        long end = System.nanoTime() + MOST.toNanos();
        for (int i = 0; i < times && System.nanoTime() < end; i++) {
            show(tls, port, pieces);
        }
    }

    private static void show(SSLContext tls, int port, int pieces) throws IOException {
        try (var socket =
                        (SSLSocket)
                                tls.getSocketFactory()
                                        .createSocket(InetAddress.getLoopbackAddress(), port);
                var in = new DataInputStream(socket.getInputStream());
                var out = new DataOutputStream(socket.getOutputStream())) {
            socket.setSoTimeout(ANSWER_MILLIS_MAX);
            socket.setTcpNoDelay(true);
            if (pieces > 0) {
                send(pieces, out);
            }
            in.readFully(new byte[in.readInt()]);
        }
    }

    private static void send(int pieces, DataOutputStream out) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        for (int i = 0; i < pieces; i++) {
            out.writeInt(piece.length);
            out.write(piece);
        }
        out.writeInt(0);
    }

    private static SSLContext context(String ca, String leaf, String key)
            throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", certificate(ca));
        store.setKeyEntry("own", key(key), new char[0], new Certificate[] {certificate(leaf)});
        var keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, new char[0]);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        var tls = SSLContext.getInstance("TLSv1.3");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return tls;
    }

    private static Certificate certificate(String file)
            throws GeneralSecurityException, IOException {
        try (var in = Files.newInputStream(Path.of(file))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static PrivateKey key(String file) throws GeneralSecurityException, IOException {
        String text = Files.readString(Path.of(file)).replaceAll("-----[A-Z ]+-----", "");
        byte[] der = Base64.getMimeDecoder().decode(text.strip());
        return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der));
    }
}
