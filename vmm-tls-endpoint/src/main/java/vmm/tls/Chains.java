package vmm.tls;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.tls.AlertDescription;
import vmm.tls.core.Refusal;

/**
 * The check of a client's chain: the certificates exactly as presented, leaf first, each signed by
 * the next, the last by the CA. Nothing is built or reordered, so that the path a chain names is
 * the path that was checked. Any thread.
 */
final class Chains {
    /** Whose signatures are looked at; where that is too many as well, words come afterwards. */
    static final int CERTIFICATES_MAX = 16;

    private final Shown ca;
    private final Revocations revocations;
    private final Clock clock;
    private final Recent<List<Shown>, Shown.Lifetime> good = new Recent<>();

    Chains(Shown ca, Revocations revocations, Clock clock) {
        this.ca = ca;
        this.revocations = revocations;
        this.clock = clock;
        revocations.follow(ca);
    }

    /** What a chain is refused with in the handshake. */
    static final class Rejected extends Exception {
        private static final long serialVersionUID = 1L;
        private final short alert;

        Rejected(short alert, String why) {
            super(why);
            this.alert = alert;
        }

        short alert() {
            return alert;
        }

        String cause() {
            return AlertDescription.getName(alert);
        }
    }

    /** The chain without the CA, if it is good now. */
    List<Shown> check(List<Shown> presented) throws Rejected {
        List<Shown> chain = withoutCa(presented);
        if (chain.isEmpty()) {
            throw new Rejected(AlertDescription.bad_certificate, "the CA itself gives no commands");
        }
        if (chain.size() > CERTIFICATES_MAX) {
            throw new Rejected(
                    AlertDescription.bad_certificate,
                    new Refusal.ChainTooLong(chain.size()).message());
        }
        Instant now = clock.instant();
        if (good.find(chain).filter(lifetime -> lifetime.includes(now)).isEmpty()) {
            usage(chain.getFirst());
            Descent.check(ca, chain, now, revocations);
            if (chain.stream().allMatch(Shown::isShort)) {
                good.keep(List.copyOf(chain), lifetime(chain));
            }
        } else if (isRevoked(chain)) {
            throw new Rejected(AlertDescription.certificate_revoked, "revoked since it was shown");
        }
        return chain;
    }

    /** When all certificates of a chain are valid; what else was checked does not change. */
    private static Shown.Lifetime lifetime(List<Shown> chain) {
        return chain.stream()
                .map(Shown::lifetime)
                .reduce(Shown.Lifetime::and)
                .orElseThrow(() -> new AssertionError("an empty chain is refused"));
    }

    private List<Shown> withoutCa(List<Shown> presented) {
        return !presented.isEmpty() && presented.getLast().equals(ca)
                ? presented.subList(0, presented.size() - 1)
                : presented;
    }

    private static void usage(Shown leaf) throws Rejected {
        if (!leaf.mayBeUsed(KeyUsage.digitalSignature)) {
            throw new Rejected(
                    AlertDescription.bad_certificate, "the leaf must not be used for signatures");
        }
        if (!leaf.isForClients()) {
            throw new Rejected(AlertDescription.bad_certificate, "the leaf is not for TLS clients");
        }
    }

    /** True if a chain that was good has been revoked since. */
    boolean isRevoked(List<Shown> chain) {
        Shown issuer = ca;
        for (Shown certificate : chain.reversed()) {
            if (revocations.isRevoked(certificate, issuer)) {
                return true;
            }
            issuer = certificate;
        }
        return false;
    }
}
