package vmm.client.tls;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.util.Map;
import java.util.Optional;

/** Why there is no connection, or no longer one. */
public final class TlsProblem extends Exception {
    private static final long serialVersionUID = 1L;
    private static final String ALERT = "Received fatal alert: ";
    private static final String OTHER_CA = "is it signed by the CA that the server trusts?";
    private static final String TIME = "have it signed anew, unless a clock is wrong";

    /** Alerts by which a server says that it does not take this client's certificates. */
    private static final Map<String, String> LOCAL =
            Map.of(
                    "bad_certificate", OTHER_CA,
                    "unsupported_certificate", "sign with a key of another kind",
                    "certificate_revoked", "ask its CA for another one",
                    "certificate_expired", TIME,
                    "certificate_unknown", OTHER_CA,
                    "certificate_required", OTHER_CA,
                    "unknown_ca", OTHER_CA,
                    "access_denied", OTHER_CA);

    /** Whose fault it is. */
    public enum Kind {
        /** Our chain does not lead to the CA. */
        CHAIN,
        /** The server does not take our certificate. */
        LOCAL,
        /** We do not take the server's. */
        REMOTE,
        CONNECT,
        COMMUNICATION
    }

    private final Kind kind;

    TlsProblem(Kind kind, String line) {
        super(line, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public String line() {
        return String.valueOf(getMessage());
    }

    /** The alert that an exception of the JDK tells of. */
    public static Optional<TlsProblem> ofAlert(IOException e) {
        String why = String.valueOf(e.getMessage());
        int at = why.indexOf(ALERT);
        if (at < 0) {
            return Optional.empty();
        }
        String alert = why.substring(at + ALERT.length());
        String next = LOCAL.get(alert);
        if (next != null) {
            return Optional.of(
                    new TlsProblem(
                            Kind.LOCAL,
                            "the server does not take this certificate: " + alert + ": " + next));
        }
        String hint =
                alert.equals("protocol_version")
                        ? ": it speaks no TLS 1.3, is this the port of an endpoint?"
                        : ": its log says why";
        return Optional.of(
                new TlsProblem(Kind.COMMUNICATION, "the server ended with " + alert + hint));
    }

    static TlsProblem unreachable(InetSocketAddress host, String why) {
        String next =
                why.contains("refused")
                        ? ": start the endpoint there, or name its port as HOST:PORT"
                        : ": is it written as HOST[:PORT], and can it be reached from here?";
        return new TlsProblem(
                Kind.CONNECT,
                "cannot connect to "
                        + host.getHostString()
                        + " port "
                        + host.getPort()
                        + ": "
                        + why
                        + next);
    }

    static TlsProblem ofHandshake(IOException e) {
        return ofAlert(e)
                .orElseGet(
                        () ->
                                e.getCause() instanceof GeneralSecurityException why
                                        ? new TlsProblem(
                                                Kind.REMOTE,
                                                "the server's certificate is not trusted: "
                                                        + reason(
                                                                why,
                                                                "is --server-ca the CA that signed"
                                                                        + " it?"))
                                        : new TlsProblem(
                                                Kind.COMMUNICATION,
                                                "no TLS connection: "
                                                        + e.getMessage()
                                                        + ": is this the port of an endpoint? Its"
                                                        + " log says more"));
    }

    static TlsProblem ofOwnChain(GeneralSecurityException e) {
        return new TlsProblem(
                Kind.CHAIN,
                "the own chain does not lead to the server's CA: "
                        + reason(
                                e,
                                isBroken(e)
                                        ? "is it signed by --server-ca?"
                                        : "vmm lint tells what is wrong with it"));
    }

    /** True where a signature is missing or wrong, and not what was signed. */
    private static boolean isBroken(GeneralSecurityException e) {
        return e instanceof CertPathValidatorException problem
                && (problem.getReason() == BasicReason.INVALID_SIGNATURE
                        || problem.getReason() == PKIXReason.NAME_CHAINING
                        || problem.getReason() == PKIXReason.NO_TRUST_ANCHOR);
    }

    /** What lies deepest, and what to do about it. */
    private static String reason(GeneralSecurityException e, String otherwise) {
        Throwable deepest = e;
        for (Throwable next = e; next != null; next = next.getCause()) {
            deepest = next;
        }
        return switch (deepest) {
            case CertificateExpiredException _ ->
                    "a certificate has expired (" + deepest.getMessage() + "): " + TIME;
            case CertificateNotYetValidException _ ->
                    "a certificate is not valid yet ("
                            + deepest.getMessage()
                            + "): are the clocks right?";
            default -> deepest.getMessage() + ": " + otherwise;
        };
    }
}
