package vmm.bench;

import java.io.DataInputStream;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Connections a second to vmm-tls-endpoint, each with a handshake, the command of its certificate
 * and the reply: {@code TlsBench PORT CA LEAF KEY AT_A_TIME...}. PEM files, Ed25519 keys.
 */
final class TlsBench {
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration MEASURED = Duration.ofSeconds(5);

    private TlsBench() {}

    static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        SSLContext tls = context(arguments[1], arguments[2], arguments[3]);
        for (String count : List.of(arguments).subList(4, arguments.length)) {
            int atATime = Integer.parseInt(count);
            run(tls, port, atATime, WARM_UP);
            long answered = run(tls, port, atATime, MEASURED);
            System.out.printf(
                    "%d at a time: %d connections/s%n", atATime, answered / MEASURED.toSeconds());
        }
    }

    private static long run(SSLContext tls, int port, int atATime, Duration time)
            throws InterruptedException {
        var answered = new AtomicLong();
        long end = System.nanoTime() + time.toNanos();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < atATime; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (System.nanoTime() < end) {
                                            ask(tls, port);
                                            answered.incrementAndGet();
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return answered.get();
    }

    private static void ask(SSLContext tls, int port) {
        try (var socket =
                        (SSLSocket)
                                tls.getSocketFactory()
                                        .createSocket(InetAddress.getLoopbackAddress(), port);
                var in = new DataInputStream(socket.getInputStream())) {
            socket.setTcpNoDelay(true);
            in.readFully(new byte[in.readInt()]);
        } catch (IOException e) {
            throw new IllegalStateException("a connection was not answered", e);
        }
    }

    private static SSLContext context(String ca, String leaf, String key)
            throws GeneralSecurityException, IOException {
        var certificates = CertificateFactory.getInstance("X.509");
        Certificate authority;
        Certificate own;
        try (var caFile = Files.newInputStream(Path.of(ca));
                var leafFile = Files.newInputStream(Path.of(leaf))) {
            authority = certificates.generateCertificate(caFile);
            own = certificates.generateCertificate(leafFile);
        }
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", authority);
        store.setKeyEntry("own", key(key), new char[0], new Certificate[] {own});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var tls = SSLContext.getInstance("TLSv1.3");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return tls;
    }

    private static PrivateKey key(String file) throws GeneralSecurityException, IOException {
        String text = Files.readString(Path.of(file)).replaceAll("-----[A-Z ]+-----", "");
        byte[] der = Base64.getMimeDecoder().decode(text.strip());
        return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der));
    }
}
