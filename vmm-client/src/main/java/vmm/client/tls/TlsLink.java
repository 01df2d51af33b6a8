package vmm.client.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/** A TLS 1.3 connection with a client certificate. One thread reads, one writes. */
public final class TlsLink implements AutoCloseable {
    private static final int CONNECT_MILLIS_MAX = 20_000;
    private static final int HANDSHAKE_MILLIS_MAX = 20_000;

    private final SSLSocket socket;
    private final ReadableByteChannel in;
    private final GatheringByteChannel out;

    private TlsLink(SSLSocket socket) throws IOException {
        this.socket = socket;
        in = Channels.newChannel(socket.getInputStream());
        out = new Out(socket);
    }

    /** What shows who we are: leaf first. */
    public record Credentials(List<X509Certificate> chain, PrivateKey key) {
        public Credentials {
            chain = List.copyOf(chain);
        }
    }

    /** Connects to the first address of a host that answers. */
    public static TlsLink open(InetSocketAddress host, Credentials own, X509Certificate serverCa)
            throws TlsProblem {
        checkOwn(own, serverCa);
        SSLSocket socket = connected(host, own, serverCa);
        try {
            socket.setSoTimeout(HANDSHAKE_MILLIS_MAX);
            socket.startHandshake();
            socket.setSoTimeout(0);
            return new TlsLink(socket);
        } catch (IOException e) {
            close(socket);
            throw TlsProblem.ofHandshake(e);
        }
    }

    private static SSLSocket connected(
            InetSocketAddress host, Credentials own, X509Certificate serverCa) throws TlsProblem {
        String why = "it has no address";
        try {
            SSLContext context = context(own, serverCa);
            for (InetAddress address : InetAddress.getAllByName(host.getHostString())) {
                var socket = (SSLSocket) context.getSocketFactory().createSocket();
                try {
                    socket.setEnabledProtocols(new String[] {"TLSv1.3"});
                    socket.setTcpNoDelay(true);
                    socket.connect(
                            new InetSocketAddress(address, host.getPort()), CONNECT_MILLIS_MAX);
                    return socket;
                } catch (IOException e) {
                    close(socket);
                    why = String.valueOf(e.getMessage());
                }
            }
        } catch (UnknownHostException _) {
            why = "no such host";
        } catch (IOException | GeneralSecurityException e) {
            why = String.valueOf(e.getMessage());
        }
        throw TlsProblem.unreachable(host, why);
    }

    private static void close(SSLSocket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It was not open.
        }
    }

    private static void checkOwn(Credentials own, X509Certificate ca) throws TlsProblem {
        List<X509Certificate> chain = own.chain();
        if (chain.getLast().equals(ca)) {
            chain = chain.subList(0, chain.size() - 1);
        }
        try {
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
            parameters.setRevocationEnabled(false);
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(chain),
                            parameters);
        } catch (GeneralSecurityException e) {
            throw TlsProblem.ofOwnChain(e);
        }
    }

    private static SSLContext context(Credentials own, X509Certificate ca)
            throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", ca);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(new KeyManager[] {new OneKey(own)}, trust.getTrustManagers(), null);
        return context;
    }

    public ReadableByteChannel in() {
        return in;
    }

    public GatheringByteChannel out() {
        return out;
    }

    public void shutdownInput() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Gathers into single records' worth of bytes. */
    private static final class Out implements GatheringByteChannel {
        private final SSLSocket socket;

        Out(SSLSocket socket) {
            this.socket = socket;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int length = bytes.remaining();
            byte[] copy = new byte[length];
            bytes.get(copy);
            socket.getOutputStream().write(copy);
            return length;
        }

        @Override
        public long write(ByteBuffer[] parts, int offset, int length) throws IOException {
            int total = 0;
            for (int i = offset; i < offset + length; i++) {
                total += parts[i].remaining();
            }
            ByteBuffer all = ByteBuffer.allocate(total);
            for (int i = offset; i < offset + length; i++) {
                all.put(parts[i]);
            }
            return write(all.flip());
        }

        @Override
        public long write(ByteBuffer[] parts) throws IOException {
            return write(parts, 0, parts.length);
        }

        @Override
        public boolean isOpen() {
            return !socket.isClosed();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Always the one certificate, whoever is asked for. */
    private static final class OneKey extends X509ExtendedKeyManager {
        private static final String ALIAS = "own";
        private final Credentials own;

        OneKey(Credentials own) {
            this.own = own;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket on) {
            return ALIAS;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine on) {
            return ALIAS;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket on) {
            return "";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return own.chain().toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return own.key();
        }
    }
}
