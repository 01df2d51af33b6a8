package vmm.tls;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.PublicKey;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.tls.AlertDescription;
import vmm.wire.CertExtension;

/**
 * The check of a client's chain (RFC 5280 6.1): the certificates exactly as presented, leaf first,
 * each signed by the next, the last by the CA. Nothing is built or reordered, so that the path a
 * chain names is the path that was checked. Any thread.
 */
final class Chains {
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final int DIGITAL_SIGNATURE = 0;

    /** What the log tells of a subject's name. */
    private static final int NAME_CHARS_MAX = 100;

    private final X509Certificate ca;
    private final Revocations revocations;
    private final Clock clock;
    private final Recent<List<X509Certificate>, Lifetime> good = new Recent<>();

    Chains(X509Certificate ca, Revocations revocations, Clock clock) {
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
    List<X509Certificate> check(List<X509Certificate> presented) throws Rejected {
        List<X509Certificate> chain = withoutCa(presented);
        if (chain.isEmpty()) {
            throw new Rejected(AlertDescription.bad_certificate, "the CA itself gives no commands");
        }
        Instant now = clock.instant();
        if (good.find(chain).filter(lifetime -> lifetime.includes(now)).isEmpty()) {
            usage(chain.getFirst());
            validate(chain, now);
            if (isShort(chain)) {
                good.keep(List.copyOf(chain), Lifetime.of(chain));
            }
        } else if (isRevoked(chain)) {
            throw new Rejected(AlertDescription.certificate_revoked, "revoked since it was shown");
        }
        return chain;
    }

    /** When all certificates of a chain are valid; what else was checked does not change. */
    private record Lifetime(Instant first, Instant last) {
        static Lifetime of(List<X509Certificate> chain) {
            Instant first = Instant.MIN;
            Instant last = Instant.MAX;
            for (X509Certificate one : chain) {
                Instant from = one.getNotBefore().toInstant();
                Instant until = one.getNotAfter().toInstant();
                first = from.isAfter(first) ? from : first;
                last = until.isBefore(last) ? until : last;
            }
            return new Lifetime(first, last);
        }

        boolean includes(Instant now) {
            return !now.isBefore(first) && !now.isAfter(last);
        }
    }

    private static boolean isShort(List<X509Certificate> chain) throws Rejected {
        try {
            for (X509Certificate one : chain) {
                if (one.getEncoded().length > Shown.REMEMBERED_BYTES_MAX) {
                    return false;
                }
            }
            return true;
        } catch (CertificateException e) {
            throw new Rejected(AlertDescription.bad_certificate, "it has no encoding");
        }
    }

    private List<X509Certificate> withoutCa(List<X509Certificate> presented) {
        return !presented.isEmpty() && presented.getLast().equals(ca)
                ? presented.subList(0, presented.size() - 1)
                : presented;
    }

    private static void usage(X509Certificate leaf) throws Rejected {
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            throw new Rejected(
                    AlertDescription.bad_certificate, "the leaf must not be used for signatures");
        }
        try {
            List<String> extended = leaf.getExtendedKeyUsage();
            if (extended != null
                    && !extended.contains(CLIENT_AUTH)
                    && !extended.contains(ANY_USAGE)) {
                throw new Rejected(
                        AlertDescription.bad_certificate, "the leaf is not for TLS clients");
            }
        } catch (CertificateException e) {
            throw new Rejected(AlertDescription.bad_certificate, "malformed extended key usage");
        }
    }

    private void validate(List<X509Certificate> chain, Instant now) throws Rejected {
        try {
            CertPath path = Pem.factory().generateCertPath(chain);
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            parameters.addCertPathChecker(new OwnChecks());
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
        } catch (CertPathValidatorException e) {
            throw rejected(e, chain);
        } catch (InvalidAlgorithmParameterException e) {
            throw new Rejected(AlertDescription.unknown_ca, String.valueOf(e.getMessage()));
        } catch (GeneralSecurityException e) {
            throw new Rejected(AlertDescription.bad_certificate, String.valueOf(e.getMessage()));
        }
    }

    /** The alerts of RFC 8446 6.2 for the reasons of a validator. */
    private static Rejected rejected(CertPathValidatorException e, List<X509Certificate> chain) {
        short alert = AlertDescription.bad_certificate;
        CertPathValidatorException.Reason reason = e.getReason();
        if (reason == BasicReason.EXPIRED || reason == BasicReason.NOT_YET_VALID) {
            alert = AlertDescription.certificate_expired;
        } else if (reason == BasicReason.REVOKED) {
            alert = AlertDescription.certificate_revoked;
        } else if (reason == BasicReason.ALGORITHM_CONSTRAINED) {
            alert = AlertDescription.unsupported_certificate;
        } else if (reason == java.security.cert.PKIXReason.NAME_CHAINING
                || reason == java.security.cert.PKIXReason.NO_TRUST_ANCHOR) {
            alert = AlertDescription.unknown_ca;
        }
        Throwable why = e.getCause() == null ? e : e.getCause();
        String whose = e.getIndex() < 0 ? "" : name(chain.get(e.getIndex())) + ": ";
        return new Rejected(alert, whose + why.getMessage());
    }

    /** For the log: whoever made it chose how long it is. */
    private static String name(X509Certificate one) {
        String name = one.getSubjectX500Principal().getName();
        return name.length() <= NAME_CHARS_MAX ? name : name.substring(0, NAME_CHARS_MAX) + "…";
    }

    /** Revocation, and that our extension may be critical. One validation uses one. */
    private final class OwnChecks extends PKIXCertPathChecker {
        private PublicKey issuerKey = ca.getPublicKey();
        private X509Certificate issuer = ca;

        @Override
        public void init(boolean forward) throws CertPathValidatorException {
            if (forward) {
                throw new CertPathValidatorException("only from the CA downwards");
            }
            issuerKey = ca.getPublicKey();
            issuer = ca;
        }

        @Override
        public boolean isForwardCheckingSupported() {
            return false;
        }

        @Override
        public Set<String> getSupportedExtensions() {
            return Set.of(CertExtension.OID, EXTENDED_KEY_USAGE, KEY_USAGE);
        }

        @Override
        public void check(Certificate one, Collection<String> unresolved)
                throws CertPathValidatorException {
            var certificate = (X509Certificate) one;
            if (revocations.isRevoked(certificate, issuer.getSubjectX500Principal(), issuerKey)) {
                throw new CertPathValidatorException(
                        name(certificate) + " has been revoked",
                        null,
                        null,
                        -1,
                        BasicReason.REVOKED);
            }
            issuer = certificate;
            issuerKey = certificate.getPublicKey();
            unresolved.remove(CertExtension.OID);
            unresolved.remove(EXTENDED_KEY_USAGE);
        }

        @Override
        public Object clone() {
            return super.clone();
        }
    }

    /** True if a chain that was good has been revoked since. */
    boolean isRevoked(List<X509Certificate> chain) {
        var downwards = new ArrayList<>(chain.reversed());
        X509Certificate issuer = ca;
        for (X509Certificate certificate : downwards) {
            if (revocations.isRevoked(
                    certificate, issuer.getSubjectX500Principal(), issuer.getPublicKey())) {
                return true;
            }
            issuer = certificate;
        }
        return false;
    }
}
