package vmm.client.tls;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Why there is no connection, or no longer one. */
public final class TlsProblem extends Exception {
    private static final long serialVersionUID = 1L;
    private static final String ALERT = "Received fatal alert: ";

    /** Alerts by which a server says that it does not take this client's certificates. */
    private static final List<String> LOCAL =
            List.of(
                    "bad_certificate",
                    "unsupported_certificate",
                    "certificate_revoked",
                    "certificate_expired",
                    "certificate_unknown",
                    "certificate_required",
                    "unknown_ca",
                    "access_denied");

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
        return Optional.of(
                LOCAL.contains(alert)
                        ? new TlsProblem(
                                Kind.LOCAL, "the server does not take this certificate: " + alert)
                        : new TlsProblem(Kind.COMMUNICATION, "the server ended with " + alert));
    }
}
