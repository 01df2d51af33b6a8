package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import vmm.client.pki.PemFiles;
import vmm.client.pki.PkiProblem;
import vmm.core.Bytes;
import vmm.wire.Decoded;
import vmm.wire.Message;
import vmm.wire.der.WireCodec;

/** A client that shows one certificate again and again, and sees every byte that comes. */
final class TlsAsker {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    private final SSLContext tls;

    /**
     * @param folder of {@code cacert.pem} and of the certificate {@code name.pem} with its key
     */
    TlsAsker(Path folder, String name) throws PkiProblem, GeneralSecurityException, IOException {
        char[] password = new char[0];
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ca", PemFiles.certificates(folder.resolve("cacert.pem")).getFirst());
        store.setKeyEntry(
                "own",
                PemFiles.keyPair(folder.resolve(name + ".key")).getPrivate(),
                password,
                PemFiles.certificates(folder.resolve(name + ".pem")).toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, password);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        tls = SSLContext.getInstance("TLSv1.3");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    }

    /** The one answer; a byte too many, before TLS, in it or after it, is an error. */
    Message ask(int port) throws IOException {
        try (var plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
            plain.setSoTimeout((int) ANSWER_MAX.toMillis());
            plain.setTcpNoDelay(true);
            Message answer;
            try (SSLSocket socket =
                    (SSLSocket)
                            tls.getSocketFactory().createSocket(plain, "localhost", port, false)) {
                answer = decode(socket.getInputStream().readAllBytes());
            }
            assertThat(plain.getInputStream().read())
                    .as("a byte after the end of TLS")
                    .isEqualTo(-1);
            return answer;
        }
    }

    /** Bytes that must be one frame of one message, as {@code openssl s_client} prints them. */
    static Message decode(byte[] bytes) {
        assertThat(bytes).as("a frame").hasSizeGreaterThan(Integer.BYTES);
        assertThat(ByteBuffer.wrap(bytes).getInt())
                .as("the length of the frame")
                .isEqualTo(bytes.length - Integer.BYTES);
        return switch (WireCodec.decode(
                Bytes.of(Arrays.copyOfRange(bytes, Integer.BYTES, bytes.length)))) {
            case Decoded.Of<Message>(var message) -> message;
            case Decoded.Malformed<Message> bad -> throw new AssertionError(bad);
        };
    }
}
