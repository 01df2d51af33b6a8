package vmm.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.jspecify.annotations.Nullable;
import vmm.tls.Chains.Rejected;
import vmm.wire.CertExtension;

/**
 * The way from the CA down to a leaf, certificate by certificate (RFC 5280 6.1): the first that is
 * not as it should be ends it. Constraints of names and policies are not known here: who needs them
 * makes them critical, and what is critical and not known is refused. One thread.
 */
final class Descent {
    private static final Set<ASN1ObjectIdentifier> KNOWN =
            Set.of(
                    Extension.basicConstraints,
                    Extension.keyUsage,
                    Extension.extendedKeyUsage,
                    Extension.subjectAlternativeName,
                    new ASN1ObjectIdentifier(CertExtension.OID));

    /** What the log tells of a subject's name. */
    private static final int NAME_CHARS_MAX = 100;

    private final Instant now;
    private final Revocations revocations;
    private Shown issuer;
    private long authoritiesMax = Long.MAX_VALUE;

    private Descent(Shown ca, Instant now, Revocations revocations) {
        this.now = now;
        this.revocations = revocations;
        issuer = ca;
        bound(ca.constraints());
    }

    /**
     * Throws what is wrong with a chain.
     *
     * @param chain leaf first, without the CA
     */
    static void check(Shown ca, List<Shown> chain, Instant now, Revocations revocations)
            throws Rejected {
        Shown at = ca;
        try {
            var descent = new Descent(ca, now, revocations);
            for (int i = chain.size() - 1; i >= 0; i--) {
                at = chain.get(i);
                descent.to(at);
                if (i > 0) {
                    descent.goesOnFrom(at);
                }
            }
        } catch (TlsFatalAlert e) {
            throw rejected(e.getAlertDescription(), at, "its key is of no kind that is known here");
        } catch (IOException | RuntimeException e) { // Some parts are read only now.
            throw rejected(
                    AlertDescription.bad_certificate, at, "it is malformed: " + e.getMessage());
        } catch (Signatures.Unsupported e) {
            throw rejected(
                    AlertDescription.unsupported_certificate, at, String.valueOf(e.getMessage()));
        }
    }

    private void to(Shown next) throws Rejected, IOException, Signatures.Unsupported {
        checkTime(next);
        next.getPublicKey();
        if (!next.issuer().equals(issuer.subject())) {
            throw rejected(
                    AlertDescription.unknown_ca,
                    next,
                    "its issuer is not " + name(issuer) + ", which comes next");
        }
        if (!next.isSignedBy(issuer)) {
            throw rejected(
                    AlertDescription.bad_certificate,
                    next,
                    "it is not signed by " + name(issuer) + "'s key");
        }
        for (ASN1ObjectIdentifier oid : next.criticalExtensions()) {
            if (!KNOWN.contains(oid)) {
                throw rejected(
                        AlertDescription.bad_certificate,
                        next,
                        "its critical extension " + oid + " is not known here");
            }
        }
        if (revocations.isRevoked(next, issuer)) {
            throw rejected(AlertDescription.certificate_revoked, next, "it has been revoked");
        }
    }

    private void checkTime(Shown next) throws Rejected {
        Shown.Lifetime lifetime = next.lifetime();
        if (now.isAfter(lifetime.last())) {
            throw rejected(
                    AlertDescription.certificate_expired,
                    next,
                    "it has expired on " + lifetime.last());
        }
        if (now.isBefore(lifetime.first())) {
            throw rejected(
                    AlertDescription.certificate_expired,
                    next,
                    "it is not valid before " + lifetime.first());
        }
    }

    private void goesOnFrom(Shown next) throws Rejected {
        if (!next.isAuthority()) {
            throw rejected(AlertDescription.bad_certificate, next, "it is no CA's");
        }
        if (!next.mayBeUsed(KeyUsage.keyCertSign)) {
            throw rejected(
                    AlertDescription.bad_certificate, next, "its key must not sign certificates");
        }
        if (!next.subject().equals(next.issuer())) {
            if (authoritiesMax == 0) {
                throw rejected(
                        AlertDescription.bad_certificate,
                        next,
                        "a CA above it allows no more below");
            }
            authoritiesMax--;
        }
        bound(next.constraints());
        issuer = next;
    }

    private void bound(@Nullable BasicConstraints constraints) {
        @Nullable BigInteger most = constraints == null ? null : constraints.getPathLenConstraint();
        if (most != null && most.signum() < 0) {
            throw new IllegalArgumentException("a path cannot be shorter than nothing");
        }
        if (most != null && most.bitLength() < Integer.SIZE) {
            authoritiesMax = Math.min(authoritiesMax, most.longValue());
        }
    }

    private static Rejected rejected(short alert, Shown whose, String why) {
        return new Rejected(alert, name(whose) + ": " + why);
    }

    /** For the log: whoever made it chose how long it is. */
    private static String name(Shown one) {
        String name = one.name();
        return name.length() <= NAME_CHARS_MAX ? name : name.substring(0, NAME_CHARS_MAX) + "…";
    }
}
