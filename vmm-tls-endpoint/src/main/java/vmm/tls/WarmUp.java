package vmm.tls;

import java.io.IOException;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsServerProtocol;

/**
 * A connection of the endpoint to itself, in memory, and a piece of an image: its handshake and
 * AES-GCM are compiled before the first client comes. Takes some tenths of a second of one
 * processor.
 */
final class WarmUp {
    /** After so many all that an image needs is compiled. */
    private static final int RECORDS = 400;

    private static final int RECORD_BYTES = 16 << 10;

    private final TlsClientProtocol client = new TlsClientProtocol();
    private final TlsServerProtocol server = new TlsServerProtocol();
    private byte[] moved = new byte[2 * RECORD_BYTES];

    private WarmUp() {}

    /**
     * @param identity of both: as a client's it is refused, but not before it has been looked at
     */
    static void run(Crypto crypto, Identity identity, Chains chains) throws IOException {
        new WarmUp().talk(crypto, identity, chains);
    }

    private void talk(Crypto crypto, Identity identity, Chains chains) throws IOException {
        server.accept(new Open(crypto, identity, chains));
        client.connect(new Own(crypto, identity));
        while (client.isHandshaking() || server.isHandshaking()) {
            if (move(client, server) + move(server, client) == 0) {
                throw new IOException("a handshake with itself does not go on");
            }
        }
        byte[] record = new byte[RECORD_BYTES];
        for (int i = 0; i < RECORDS; i++) {
            client.writeApplicationData(record, 0, record.length);
            move(client, server);
            server.readInput(record, 0, record.length);
        }
        client.close();
        server.close();
    }

    private int move(TlsProtocol from, TlsProtocol to) throws IOException {
        int bytes = from.getAvailableOutputBytes();
        if (bytes > moved.length) {
            moved = new byte[bytes];
        }
        from.readOutput(moved, 0, bytes);
        to.offerInput(moved, 0, bytes);
        return bytes;
    }

    /** Looks at a client's certificates as always, and lets it in with any. */
    private static final class Open extends Handshake {
        Open(Crypto crypto, Identity identity, Chains chains) {
            super(crypto, identity, chains);
        }

        @Override
        public void notifyClientCertificate(Certificate certificates) throws IOException {
            try {
                super.notifyClientCertificate(certificates);
            } catch (TlsFatalAlert _) {
                // A server's is no client's.
            }
        }
    }

    private static final class Own extends DefaultTlsClient implements TlsAuthentication {
        private final Identity identity;

        Own(Crypto crypto, Identity identity) {
            super(crypto);
            this.identity = identity;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.TLSv13.only();
        }

        @Override
        public TlsAuthentication getAuthentication() {
            return this;
        }

        @Override
        public void notifyServerCertificate(TlsServerCertificate certificate) {
            // It is the own one.
        }

        @Override
        public TlsCredentials getClientCredentials(CertificateRequest request) throws IOException {
            return identity.credentials(context);
        }
    }
}
