package vmm.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import vmm.daemon.Listener;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Message;
import vmm.wire.channel.Frame;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** An endpoint on loopback with daemons behind it that a test plays itself. */
final class House implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final Certificates.Holder ca = Certificates.root("the CA");
    final Path folder;
    final Path crls;
    final BlockingQueue<Message> asked = new LinkedBlockingQueue<>();
    private final Listener listener;
    private final Listener vmmd;
    private final Sessions sessions;

    /** Plays vmmd from its first frame on. */
    interface Daemon {
        void talk(FrameReader reader, FrameWriter writer, BlockingQueue<Message> asked)
                throws IOException;
    }

    static House open(Path folder, Daemon daemon) throws IOException {
        return new House(
                folder, Certificates.ed25519(), Sessions.PER_ADDRESS_MAX, PATIENCE, daemon);
    }

    House(Path folder, KeyPair serverKeys, int perAddressMax, Duration handshakeMax, Daemon daemon)
            throws IOException {
        this.folder = folder;
        crls = Files.createDirectories(folder.resolve("crls"));
        Identity identity = identity(folder, ca, serverKeys);
        vmmd = Listener.open(folder.resolve("util/vmmd.sock"));
        vmmd.start(
                channel -> daemon.talk(new FrameReader(channel), new FrameWriter(channel), asked));
        var crypto = Certificates.CRYPTO;
        var revocations = new Revocations(crls, Optional.of(folder.resolve("seen")));
        revocations.refresh();
        var chains = new Chains(ca.shown(), revocations, Clock.systemUTC());
        var counts = new Counts(Optional.empty());
        sessions = new Sessions(perAddressMax, chains, revocations, counts);
        sessions.startWatch();
        var endpoint =
                new Endpoint(
                        crypto,
                        identity,
                        chains,
                        sessions,
                        counts,
                        handshakeMax,
                        folder.resolve("util"),
                        path -> SocketChannel.open(UnixDomainSocketAddress.of(path)));
        listener = Listener.openTcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listener.start(endpoint::serve);
    }

    /** Of a certificate that is made for these keys. */
    static Identity identity(Path folder, Certificates.Holder ca, KeyPair keys) throws IOException {
        Path certificate = folder.resolve("server.pem");
        Files.writeString(
                certificate, Certificates.pem(Certificates.server(ca, keys).certificate()));
        Path key = folder.resolve("server.key");
        Files.writeString(key, Certificates.pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        return Identity.read(
                Certificates.CRYPTO,
                certificate,
                Pem.certificates(Certificates.CRYPTO, certificate),
                key);
    }

    int port() throws IOException {
        return listener.port();
    }

    int sessions() {
        return sessions.size();
    }

    /** A chain of a leaf in the root. */
    List<Certificates.Holder> chain(String leaf, Command command) {
        return List.of(
                Certificates.leaf(leaf).commanding(command).signedBy(ca, Certificates.ed25519()));
    }

    SSLSocket connect(List<Certificates.Holder> chain) throws IOException {
        SSLSocket socket = (SSLSocket) context(chain).getSocketFactory().createSocket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.setEnabledProtocols(new String[] {"TLSv1.3"});
        return socket;
    }

    Socket plain() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private SSLContext context(List<Certificates.Holder> chain) throws IOException {
        char[] password = "password".toCharArray();
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", ca.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
            if (!chain.isEmpty()) {
                own.setKeyEntry(
                        "own",
                        chain.getFirst().keys().getPrivate(),
                        password,
                        chain.stream()
                                .map(Certificates.Holder::certificate)
                                .toArray(Certificate[]::new));
            }
            keys.init(own, password);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (java.security.GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** The one message of a frame that must be there. */
    static Message message(FrameReader reader) throws IOException {
        try (Frame frame = reader.next(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
            if (frame == null) {
                throw new IOException("ended without an answer");
            }
            return switch (WireCodec.decode(frame.bytes())) {
                case Decoded.Of<Message>(var message) -> message;
                case Decoded.Malformed<Message>(var at, var why, _) ->
                        throw new IOException(why + " at " + at);
            };
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        vmmd.close();
    }
}
