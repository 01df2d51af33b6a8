package vmm.tls;

import java.io.IOException;
import java.time.Instant;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCertificate;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;

/** A certificate, read once. Two are equal if their bytes are. Any thread. */
final class Shown extends BcTlsCertificate {
    /** Longer ones carry an image, and come once. */
    static final int REMEMBERED_BYTES_MAX = 4 << 10;

    /** What RFC 5280 4.1.2.5 allows: YYYYMMDDHHMMSSZ, the century left out up to 2049. */
    private static final int TIME_CHARS = 15;

    private static final int CENTURY_TURNS = 50;

    /** From the first day of the year 1. */
    private static final long DAYS_TO_1970 = 719_162;

    private final Bytes der;
    private final String name;
    private final Lifetime lifetime;
    private final @Nullable BasicConstraints constraints;
    private final @Nullable KeyUsage usage;
    private final @Nullable ExtendedKeyUsage purposes;
    private volatile @Nullable AsymmetricKeyParameter key;

    /** When something is valid, both ends included. */
    record Lifetime(Instant first, Instant last) {
        boolean includes(Instant now) {
            return !now.isBefore(first) && !now.isAfter(last);
        }

        /** When both are. */
        Lifetime and(Lifetime other) {
            return new Lifetime(
                    first.isAfter(other.first) ? first : other.first,
                    last.isBefore(other.last) ? last : other.last);
        }
    }

    private Shown(Crypto crypto, byte[] der) throws IOException {
        super(crypto, der);
        TlsUtils.requireDEREncoding(certificate, der);
        this.der = Bytes.view(der, 0, der.length);
        name = subject().toString(); // Bouncy Castle reads names only now.
        lifetime =
                new Lifetime(
                        instant(certificate.getStartDate()), instant(certificate.getEndDate()));
        constraints = BasicConstraints.getInstance(parsed(Extension.basicConstraints));
        usage = KeyUsage.getInstance(parsed(Extension.keyUsage));
        purposes = ExtendedKeyUsage.getInstance(parsed(Extension.extendedKeyUsage));
    }

    /**
     * Reads one.
     *
     * @param der nobody changes it any more
     */
    static Shown read(Crypto crypto, byte[] der) throws TlsFatalAlert {
        try {
            return new Shown(crypto, der);
        } catch (IOException | RuntimeException e) { // Bouncy Castle has many for bad bytes.
            throw new TlsFatalAlert(
                    AlertDescription.bad_certificate, "malformed: " + e.getMessage(), e);
        }
    }

    private @Nullable ASN1Encodable parsed(ASN1ObjectIdentifier oid) {
        @Nullable Extension found = extension(oid);
        return found == null ? null : found.getParsedValue();
    }

    Bytes der() {
        return der;
    }

    boolean isShort() {
        return der.length() <= REMEMBERED_BYTES_MAX;
    }

    X500Name subject() {
        return certificate.getSubject();
    }

    /** The same, to be read by people. */
    String name() {
        return name;
    }

    X500Name issuer() {
        return certificate.getIssuer();
    }

    Lifetime lifetime() {
        return lifetime;
    }

    /** Whether it is a CA's, and how many below it may be; null if it does not say so. */
    @Nullable BasicConstraints constraints() {
        return constraints;
    }

    boolean isAuthority() {
        return constraints != null && constraints.isCA();
    }

    /** False if it says what its key may be used for, and that is not so. */
    boolean mayBeUsed(int forWhat) {
        return usage == null || usage.hasUsages(forWhat);
    }

    /** False if it says for whom it is, and that is not so. */
    boolean isForClients() {
        return purposes == null
                || purposes.hasKeyPurposeId(KeyPurposeId.id_kp_clientAuth)
                || purposes.hasKeyPurposeId(KeyPurposeId.anyExtendedKeyUsage);
    }

    /**
     * What RFC 5280 allows, and nothing else. Calendars, the JDK's and Bouncy Castle's, are set up
     * with tables of words in all languages, which under inetd each connection would pay.
     */
    static Instant instant(Time time) {
        ASN1Primitive value = time.toASN1Primitive();
        String text = "";
        if (value instanceof ASN1GeneralizedTime general) {
            text = general.getTimeString();
        } else if (value instanceof ASN1UTCTime utc) {
            text = (utc.toString().compareTo("" + CENTURY_TURNS) < 0 ? "20" : "19") + utc;
        }
        if (text.length() != TIME_CHARS || !text.endsWith("Z") || !isDigits(text)) {
            throw new IllegalArgumentException("malformed time: " + text);
        }
        int year = part(text, 0, 4);
        int month = part(text, 4, 6);
        int day = part(text, 6, 8);
        int hour = part(text, 8, 10);
        int minute = part(text, 10, 12);
        int second = part(text, 12, 14);
        if (month < 1 || month > 12 || day < 1 || day > days(year, month)) {
            throw new IllegalArgumentException("no such day: " + text);
        }
        if (hour > 23 || minute > 59 || second > 59) {
            throw new IllegalArgumentException("no such time of the day: " + text);
        }
        long hours = (day(year, month) + day - 1) * 24 + hour;
        return Instant.ofEpochSecond((hours * 60 + minute) * 60 + second);
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < TIME_CHARS - 1; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLeap(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    private static int days(int year, int month) {
        if (month == 2) {
            return isLeap(year) ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /** The first of a month, in days since 1970. */
    private static long day(int year, int month) {
        int before = year - 1;
        long days = before * 365L + before / 4 - before / 100 + before / 400 - DAYS_TO_1970;
        for (int i = 1; i < month; i++) {
            days += days(year, i);
        }
        return days;
    }

    private static int part(String digits, int from, int to) {
        return Integer.parseInt(digits, from, to, 10);
    }

    /** The extension, if there is one; no certificate that can be read has it twice. */
    @Nullable Extension extension(ASN1ObjectIdentifier oid) {
        var all = certificate.getExtensions();
        return all == null ? null : all.getExtension(oid);
    }

    ASN1ObjectIdentifier[] criticalExtensions() {
        var all = certificate.getExtensions();
        return all == null ? new ASN1ObjectIdentifier[0] : all.getCriticalExtensionOIDs();
    }

    /** True for the signature of {@code issuer}'s key. */
    boolean isSignedBy(Shown issuer) throws IOException, Signatures.Unsupported {
        return Signatures.isGood(
                certificate.getTBSCertificate(),
                certificate.getTBSCertificate().getSignature(),
                certificate.getSignatureAlgorithm(),
                certificate.getSignature(),
                issuer.getPublicKey());
    }

    /** The bytes of its key, with what kind it is. */
    Bytes keyInfo() {
        try {
            return Bytes.of(certificate.getSubjectPublicKeyInfo().getEncoded());
        } catch (IOException e) {
            throw new AssertionError("what was read can be written", e);
        }
    }

    @Override
    public byte[] getEncoded() {
        return der.toArray();
    }

    /** Its key, or an alert if there is none that can be used. */
    @Override
    protected AsymmetricKeyParameter getPublicKey() throws IOException {
        AsymmetricKeyParameter known = key;
        if (known == null) {
            try {
                known = parsedKey();
            } catch (TlsFatalAlert alert) {
                throw alert;
            } catch (IOException | RuntimeException e) {
                throw new TlsFatalAlert(AlertDescription.bad_certificate, e);
            }
            key = known;
        }
        return known;
    }

    /** The usual kind by hand: Bouncy Castle sets up all kinds before it reads the first. */
    private AsymmetricKeyParameter parsedKey() throws IOException {
        var info = certificate.getSubjectPublicKeyInfo();
        AlgorithmIdentifier kind = info.getAlgorithm();
        return kind.getAlgorithm().equals(EdECObjectIdentifiers.id_Ed25519)
                        && kind.getParameters() == null
                ? new Ed25519PublicKeyParameters(info.getPublicKeyData().getOctets())
                : super.getPublicKey();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Shown its && its.der.equals(der);
    }

    @Override
    public int hashCode() {
        return der.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
