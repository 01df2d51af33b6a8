package vmm.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.TBSCertList;
import org.bouncycastle.tls.TlsUtils;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;

/** A certificate revocation list (RFC 5280 5), complete: part of one is refused. Any thread. */
final class RevocationList {
    private final Bytes der;
    private final CertificateList list;
    private final X500Name issuer;
    private final BigInteger number;
    private final Optional<ASN1OctetString> keyId;
    private final Instant made;
    private final Set<BigInteger> serials = new HashSet<>();

    private RevocationList(byte[] der) throws IOException {
        this.der = Bytes.view(der, 0, der.length);
        list = CertificateList.getInstance(der);
        TlsUtils.requireDEREncoding(list, der);
        @Nullable Extensions extensions = list.getTBSCertList().getExtensions();
        if (extensions != null && extensions.hasAnyCriticalExtensions()) {
            throw new IOException(
                    "its critical extension "
                            + extensions.getCriticalExtensionOIDs()[0]
                            + " is not known here");
        }
        issuer = list.getIssuer();
        if (issuer.toString().isEmpty()) { // Bouncy Castle reads names only now.
            throw new IOException("its issuer has no name");
        }
        number = number(extensions);
        keyId =
                Optional.ofNullable(
                        Extensions.getExtensionValue(extensions, Extension.authorityKeyIdentifier));
        made = Shown.instant(list.getThisUpdate());
        Enumeration<?> entries = list.getRevokedCertificateEnumeration();
        while (entries.hasMoreElements()) {
            var entry = TBSCertList.CRLEntry.getInstance(entries.nextElement());
            Shown.instant(entry.getRevocationDate());
            serials.add(entry.getUserCertificate().getValue());
        }
    }

    /** Reads DER, or PEM around it. */
    static RevocationList of(byte[] bytes) throws IOException {
        try {
            return new RevocationList(Pem.der(bytes, "X509 CRL"));
        } catch (RuntimeException e) { // Bouncy Castle has many for bad bytes.
            throw new IOException("malformed: " + e.getMessage(), e);
        }
    }

    private static BigInteger number(@Nullable Extensions extensions) {
        @Nullable Extension found =
                extensions == null ? null : extensions.getExtension(Extension.cRLNumber);
        return found == null
                ? BigInteger.ZERO
                : ASN1Integer.getInstance(found.getParsedValue()).getValue();
    }

    X500Name issuer() {
        return issuer;
    }

    /** Its place among the lists of its issuer; 0 if it has none. */
    BigInteger number() {
        return number;
    }

    /**
     * True for an older list of the same issuer, or this one, if both say which key signed them.
     */
    boolean replaces(RevocationList other) {
        return keyId.isPresent()
                && keyId.equals(other.keyId)
                && issuer.equals(other.issuer)
                && !other.isNewer(this);
    }

    Bytes der() {
        return der;
    }

    boolean names(BigInteger serial) {
        return serials.contains(serial);
    }

    boolean isNewer(RevocationList than) {
        int order = number.compareTo(than.number);
        return order != 0 ? order > 0 : made.isAfter(than.made);
    }

    boolean isSignedBy(Shown authority) {
        try {
            return Signatures.isGood(
                    list.getTBSCertList(),
                    list.getTBSCertList().getSignature(),
                    list.getSignatureAlgorithm(),
                    list.getSignature(),
                    authority.getPublicKey());
        } catch (IOException | Signatures.Unsupported e) {
            return false;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RevocationList its && its.der.equals(der);
    }

    @Override
    public int hashCode() {
        return der.hashCode();
    }
}
