package vmm.client.pki;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;
import vmm.core.Label;
import vmm.core.Policy;
import vmm.wire.CertExtension;
import vmm.wire.Command;

/** What an endpoint would refuse, or soon will, told before it does. */
public final class Lint {
    /** A CA that expires sooner is told of: what it signed ends with it. */
    private static final Duration NEAR = Duration.ofDays(30);

    /** An endpoint takes fewer certificates than this. */
    private static final int CHAIN_CERTIFICATES_MAX = 10;

    /** Extensions of X.509 itself. */
    private static final String STANDARD = "2.5.29.";

    /** What to do about {@link #isForTheServerAlone}. */
    public static final String FOR_THE_SERVER =
            "endpoints do not take this command from outside, run it on the server itself";

    private final Instant now;
    private final List<String> found = new ArrayList<>();

    private Lint(Instant now) {
        this.now = now;
    }

    /**
     * Looks at a chain.
     *
     * @param chain leaf first, as in a file
     */
    public static List<String> chain(List<X509Certificate> chain, Instant now) throws PkiProblem {
        var lint = new Lint(now);
        if (chain.size() >= CHAIN_CERTIFICATES_MAX) {
            lint.found.add(
                    "the chain has "
                            + chain.size()
                            + " certificates, endpoints take fewer than "
                            + CHAIN_CERTIFICATES_MAX);
        }
        @Nullable Policy above = null;
        @Nullable X509Certificate issuer = null;
        for (X509Certificate one : chain.reversed()) {
            lint.times(one);
            if (issuer != null) {
                lint.order(one, issuer);
            }
            lint.extensions(one);
            Optional<CertExtension> stated = Issuing.stated(one);
            if (stated.isPresent()) {
                lint.name(name(one));
                Command command = stated.get().command();
                lint.asked(who(one), command, above);
                if (command instanceof Command.PolicyAdd(var policy)) {
                    above = policy;
                } else {
                    lint.commands(one);
                }
            }
            issuer = one;
        }
        return lint.found;
    }

    /** Looks at a signing request. */
    public static List<String> request(PKCS10CertificationRequest request) throws PkiProblem {
        var lint = new Lint(Instant.EPOCH);
        var _ = Issuing.publicKey(request);
        lint.name(request.getSubject());
        Optional<CertExtension> asked = Issuing.asked(request);
        if (asked.isEmpty() && !Issuing.isEnrolment(request)) {
            lint.found.add("it asks for neither a policy nor a command: sign makes it a server's");
        }
        if (asked.isPresent()) {
            lint.asked(request.getSubject().toString(), asked.get().command(), null);
        }
        return lint.found;
    }

    /** True for what no endpoint does; a policy it takes, but not as a command. */
    public static boolean isForTheServerAlone(Command command) {
        return switch (command) {
            case Command.PolicyAdd _,
                    Command.PolicyRemove _,
                    Command.StatsAdd _,
                    Command.StatsRemove _,
                    Command.StatsInitial _,
                    Command.ConsoleAdd _ ->
                    true;
            default -> false;
        };
    }

    private static X500Name name(X509Certificate one) {
        return X500Name.getInstance(one.getSubjectX500Principal().getEncoded());
    }

    private static String who(X509Certificate one) {
        return one.getSubjectX500Principal().getName();
    }

    private void times(X509Certificate one) {
        Instant end = one.getNotAfter().toInstant();
        if (end.isBefore(now)) {
            found.add(who(one) + " has expired on " + end);
        } else if (one.getBasicConstraints() >= 0 && end.isBefore(now.plus(NEAR))) {
            found.add(who(one) + " expires on " + end);
        }
        if (one.getNotBefore().toInstant().isAfter(now)) {
            found.add(who(one) + " is not valid before " + one.getNotBefore().toInstant());
        }
    }

    private void order(X509Certificate one, X509Certificate issuer) {
        if (!Issuing.isSignedBy(one, issuer)) {
            found.add(who(one) + " was not signed by the certificate behind it, " + who(issuer));
        } else if (issuer.getBasicConstraints() < 0) {
            found.add(who(issuer) + " is no CA, and has signed " + who(one));
        }
    }

    private void name(X500Name subject) {
        String text = Issuing.commonName(subject).orElse("");
        if (!List.of("", ".", ":").contains(text)) {
            Label.problem(Label.lower(text)).ifPresent(found::add);
        }
    }

    private void asked(String who, Command command, @Nullable Policy above) {
        if (command instanceof Command.PolicyAdd(var policy)) {
            policy.unusable().ifPresent(why -> found.add(who + ": " + why));
            if (above != null) {
                policy.exceeds(above).ifPresent(why -> found.add(who + ": " + why));
            }
        } else if (isForTheServerAlone(command)) {
            found.add(who + ": " + FOR_THE_SERVER);
        }
    }

    /** Who commands signs nobody, and is a client. */
    private void commands(X509Certificate one) throws PkiProblem {
        if (one.getBasicConstraints() >= 0) {
            found.add(who(one) + " is a CA with a command, endpoints take a policy there alone");
        } else if (!Issuing.isClients(one)) {
            found.add(who(one) + " is not for TLS clients, as what commands must be");
        }
    }

    private void extensions(X509Certificate one) {
        Set<String> critical = one.getCriticalExtensionOIDs();
        if (critical != null) {
            critical.stream()
                    .filter(oid -> !oid.equals(CertExtension.OID) && !oid.startsWith(STANDARD))
                    .map(oid -> who(one) + " has a critical extension that nobody knows, " + oid)
                    .forEach(found::add);
        }
    }
}
