package vmm.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.tls.TlsServerProtocol;
import vmm.core.Bytes;
import vmm.tls.core.Admission;
import vmm.tls.core.Presented;
import vmm.wire.CertExtension;

/** What happens to a connection from outside, from its first byte to its last. Any thread. */
final class Endpoint {
    /** How long a connection may take to finish its handshake, as {@code --handshake-seconds}. */
    static final Duration HANDSHAKE_MAX = Duration.ofSeconds(10);

    /** How long, and for how many bytes, a client that was answered may go on sending. */
    private static final Duration LINGER_MAX = Duration.ofSeconds(30);

    private static final long LINGER_BYTES_MAX = Spool.IMAGE_BYTES_MAX + (4 << 20);
    private static final int LINGER_UNKNOWN_BYTES_MAX = 1 << 20;

    private static final ASN1ObjectIdentifier OWN = new ASN1ObjectIdentifier(CertExtension.OID);

    private final Crypto crypto;
    private final Identity identity;
    private final Chains chains;
    private final Sessions sessions;
    private final Counts counts;
    private final Duration handshakeMax;
    private final Path sockets;
    private final Relay.Services services;

    Endpoint(
            Crypto crypto,
            Identity identity,
            Chains chains,
            Sessions sessions,
            Counts counts,
            Duration handshakeMax,
            Path sockets,
            Relay.Services services) {
        this.crypto = crypto;
        this.identity = identity;
        this.chains = chains;
        this.sessions = sessions;
        this.counts = counts;
        this.handshakeMax = handshakeMax;
        this.sockets = sockets;
        this.services = services;
    }

    /** The first client need not wait for the compiler. */
    void warmUp() {
        try {
            WarmUp.run(crypto, identity, chains);
        } catch (IOException | RuntimeException e) { // Bouncy Castle has many.
            Log.LOG.warn("a connection to itself failed: {}", Handshake.why(e));
        }
    }

    void serve(SocketChannel client) throws IOException {
        var session = new Session(client);
        counts.connection();
        if (!sessions.enter(session)) {
            counts.cut("per_address");
            return;
        }
        try {
            talk(session);
        } finally {
            sessions.leave(session);
        }
    }

    private void talk(Session session) throws IOException {
        session.within(handshakeMax, "the handshake");
        var output = new ClientOutput(session.client());
        var input = new ClientInput(session.client(), output);
        switch (input.start()) {
            case NOTHING -> counts.handshake("nothing");
            case GARBAGE -> counts.handshake("garbage");
            case TLS -> {
                sessions.startsHandshake(session);
                handshake(session, input, output);
            }
        }
    }

    private void handshake(Session session, ClientInput input, ClientOutput output)
            throws IOException {
        output.handshakeStarts();
        var protocol = new TlsServerProtocol(input, output);
        var handshake = new Handshake(crypto, identity, chains);
        try {
            protocol.accept(handshake);
        } catch (IOException e) {
            counts.handshake(Handshake.result(e));
            Log.LOG.info("handshake{} failed: {}", from(session), Handshake.why(e));
            linger(session, handshakeMax, LINGER_UNKNOWN_BYTES_MAX);
            return;
        } finally {
            input.handshakeIsOver();
        }
        output.handshakeIsOver();
        counts.handshake("ok");
        session.authenticated(handshake.chain());
        sessions.hasShownCertificate(session);
        if (!sessions.cutIfRevoked(session)) {
            command(session, protocol, handshake.presented());
        }
    }

    private void command(Session session, TlsServerProtocol protocol, List<Presented> chain)
            throws IOException {
        var relay =
                new Relay(
                        session,
                        protocol.getInputStream(),
                        protocol.getOutputStream(),
                        sockets,
                        services);
        switch (Admission.of(chain)) {
            case Admission.Refused refused -> {
                counts.refusal(refused.why().cause());
                Log.LOG.warn("{}{}: {}", refused.name(), from(session), refused.why().message());
                relay.refuse(refused);
            }
            case Admission.Of admitted -> relay.obey(admitted);
        }
        protocol.close();
        linger(session, LINGER_MAX, LINGER_BYTES_MAX);
    }

    /** Reads on for a while: what is closed with bytes unread loses the answer on its way. */
    private static void linger(Session session, Duration time, long bytesMax) throws IOException {
        if (session.isCut()) {
            return;
        }
        session.within(time, "the end");
        SocketChannel client = session.client();
        try {
            client.shutdownOutput();
            ByteBuffer piece = ByteBuffer.allocate(8 << 10);
            long total = 0;
            for (int read = 0; read >= 0 && total < bytesMax; total += read) {
                read = client.read(piece.clear());
            }
        } catch (IOException _) {
            // It has closed as well.
        }
    }

    private static String from(Session session) {
        return session.address().map(a -> " from " + a.getHostAddress()).orElse("");
    }

    static List<Presented> presented(List<Shown> chain) {
        var all = new ArrayList<Presented>();
        for (Shown certificate : chain) {
            all.add(new Presented(commonNames(certificate), extension(certificate)));
        }
        return all;
    }

    private static Optional<Bytes> extension(Shown certificate) {
        return Optional.ofNullable(certificate.extension(OWN))
                .map(found -> Bytes.of(found.getExtnValue().getOctets()));
    }

    private static List<String> commonNames(Shown certificate) {
        var names = new ArrayList<String>();
        for (RDN rdn : certificate.subject().getRDNs(BCStyle.CN)) {
            for (AttributeTypeAndValue part : rdn.getTypesAndValues()) {
                if (part.getType().equals(BCStyle.CN)
                        && part.getValue() instanceof ASN1String text) {
                    names.add(text.getString());
                }
            }
        }
        return names;
    }
}
