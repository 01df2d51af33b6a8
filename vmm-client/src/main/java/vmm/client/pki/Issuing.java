package vmm.client.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import vmm.core.Bytes;
import vmm.wire.CertExtension;
import vmm.wire.Decoded;
import vmm.wire.der.WireCodec;

/** Makes and reads certificates and requests; validity, extensions and usages are albatross's. */
public final class Issuing {
    private static final ASN1ObjectIdentifier OWN = new ASN1ObjectIdentifier(CertExtension.OID);

    /** Clocks of two hosts may differ by so much. */
    private static final Duration BEFORE = Duration.ofSeconds(10);

    private static final int SERIAL_BITS = 127;

    /** Basic constraints of a CA of any depth: SEQUENCE { TRUE }. */
    private static final Bytes IS_CA = Bytes.of(new byte[] {0x30, 3, 1, 1, (byte) 0xff});

    private Issuing() {}

    /** What a certificate may be used for. */
    public enum Role {
        CA,
        CLIENT,
        SERVER
    }

    /** A key that signs, whose it is, and the public one that fits. */
    public record Signer(X500Name name, PrivateKey key, PublicKey publicKey) {}

    public static X500Name commonName(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    /** The first common name, if there is one. */
    public static Optional<String> commonName(X500Name subject) {
        var names = subject.getRDNs(BCStyle.CN);
        return names.length == 0
                ? Optional.empty()
                : Optional.of(
                        org.bouncycastle.asn1.x500.style.IETFUtils.valueToString(
                                names[0].getFirst().getValue()));
    }

    /**
     * Signs a certificate.
     *
     * @param keyIds false for the CA itself, as albatross does
     */
    public static X509Certificate certificate(
            Signer issuer,
            X500Name subject,
            PublicKey key,
            Role role,
            Optional<CertExtension> stated,
            Duration validity,
            boolean keyIds)
            throws PkiProblem {
        try {
            Instant now = Instant.now();
            var serial = new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS - 1);
            var builder =
                    new JcaX509v3CertificateBuilder(
                            issuer.name(),
                            serial,
                            Date.from(now.minus(BEFORE)),
                            Date.from(now.plus(validity)),
                            subject,
                            key);
            addUsage(builder, role);
            if (keyIds) {
                var ids = new JcaX509ExtensionUtils();
                builder.addExtension(
                        Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(key));
                builder.addExtension(
                        Extension.authorityKeyIdentifier,
                        false,
                        ids.createAuthorityKeyIdentifier(issuer.publicKey()));
            }
            if (stated.isPresent()) {
                builder.addExtension(OWN, false, WireCodec.encodeCertExtension(stated.get()));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(signer(issuer.key())));
        } catch (GeneralSecurityException | IOException e) {
            throw new PkiProblem("cannot make the certificate: " + e.getMessage());
        }
    }

    private static void addUsage(JcaX509v3CertificateBuilder builder, Role role)
            throws IOException {
        builder.addExtension(
                Extension.basicConstraints, true, new BasicConstraints(role == Role.CA));
        int usage =
                role == Role.CA
                        ? KeyUsage.keyCertSign
                                | KeyUsage.cRLSign
                                | KeyUsage.digitalSignature
                                | KeyUsage.nonRepudiation
                        : KeyUsage.digitalSignature | KeyUsage.keyEncipherment;
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
        if (role != Role.CA) {
            var purpose =
                    role == Role.CLIENT
                            ? KeyPurposeId.id_kp_clientAuth
                            : KeyPurposeId.id_kp_serverAuth;
            builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(purpose));
        }
    }

    private static ContentSigner signer(PrivateKey key) throws PkiProblem {
        try {
            return new JcaContentSignerBuilder(KeyType.signature(key)).build(key);
        } catch (OperatorCreationException e) {
            throw new PkiProblem("the key cannot sign: " + e.getMessage());
        }
    }

    /** A signing request, for a command or a policy. */
    public static PKCS10CertificationRequest request(KeyPair keys, String name, CertExtension asked)
            throws PkiProblem {
        return request(keys, name, OWN, false, WireCodec.encodeCertExtension(asked));
    }

    /** A signing request for a CA of one's own, with the policy that whoever signs gives. */
    public static PKCS10CertificationRequest enrolment(KeyPair keys, String name)
            throws PkiProblem {
        return request(keys, name, Extension.basicConstraints, true, IS_CA.toArray());
    }

    private static PKCS10CertificationRequest request(
            KeyPair keys, String name, ASN1ObjectIdentifier oid, boolean critical, byte[] value)
            throws PkiProblem {
        var extensions = new ExtensionsGenerator();
        extensions.addExtension(oid, critical, value);
        return new JcaPKCS10CertificationRequestBuilder(commonName(name), keys.getPublic())
                .addAttribute(
                        PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                .build(signer(keys.getPrivate()));
    }

    /** True for an {@link #enrolment}: it asks to sign others, and states no policy. */
    public static boolean isEnrolment(PKCS10CertificationRequest request) throws PkiProblem {
        return extension(request, OWN).isEmpty()
                && extension(request, Extension.basicConstraints).filter(IS_CA::equals).isPresent();
    }

    private static Optional<Bytes> extension(
            PKCS10CertificationRequest request, ASN1ObjectIdentifier oid) throws PkiProblem {
        try {
            Extensions all = request.getRequestedExtensions();
            Extension found = all == null ? null : all.getExtension(oid);
            return Optional.ofNullable(found).map(f -> Bytes.of(f.getExtnValue().getOctets()));
        } catch (IllegalArgumentException e) {
            throw new PkiProblem("the request's extensions are malformed: have it made anew");
        }
    }

    /** The public key of a request whose signature shows that its owner has the private one. */
    public static PublicKey publicKey(PKCS10CertificationRequest request) throws PkiProblem {
        try {
            PublicKey key = Keys.publicKey(request.getSubjectPublicKeyInfo().getEncoded());
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new PkiProblem("the signature of the request is wrong");
            }
            return key;
        } catch (IOException | OperatorCreationException | PKCSException e) {
            throw new PkiProblem("the request's key cannot be used: " + e.getMessage());
        }
    }

    /** What a request asks for; empty for one without our extension. */
    public static Optional<CertExtension> asked(PKCS10CertificationRequest request)
            throws PkiProblem {
        Optional<Bytes> own = extension(request, OWN);
        return own.isPresent() ? Optional.of(decoded(own.get().toArray())) : Optional.empty();
    }

    /** The command or policy of a certificate; empty for one without our extension. */
    public static Optional<CertExtension> stated(X509Certificate certificate) throws PkiProblem {
        byte[] value = certificate.getExtensionValue(CertExtension.OID);
        return value == null
                ? Optional.empty()
                : Optional.of(decoded(ASN1OctetString.getInstance(value).getOctets()));
    }

    static boolean isSignedBy(X509Certificate one, X509Certificate issuer) {
        try {
            one.verify(issuer.getPublicKey());
            return one.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    /** True for what shows a TLS server. */
    public static boolean isServers(X509Certificate certificate) throws PkiProblem {
        return usage(certificate).contains(KeyPurposeId.id_kp_serverAuth.getId());
    }

    /** True for what may show a TLS client. */
    public static boolean isClients(X509Certificate certificate) throws PkiProblem {
        List<String> usage = usage(certificate);
        return usage.isEmpty()
                || usage.contains(KeyPurposeId.id_kp_clientAuth.getId())
                || usage.contains(KeyPurposeId.anyExtendedKeyUsage.getId());
    }

    private static List<String> usage(X509Certificate certificate) throws PkiProblem {
        try {
            List<String> usage = certificate.getExtendedKeyUsage();
            return usage == null ? List.of() : usage;
        } catch (CertificateParsingException e) {
            throw new PkiProblem("a certificate's usage is malformed: " + e.getMessage());
        }
    }

    private static CertExtension decoded(byte[] value) throws PkiProblem {
        return switch (WireCodec.decodeCertExtension(Bytes.of(value))) {
            case Decoded.Of<CertExtension>(var extension) -> extension;
            case Decoded.Malformed<CertExtension>(var offset, var why, _) ->
                    throw new PkiProblem(
                            "the albatross extension is malformed at byte " + offset + ": " + why);
        };
    }

    /** The next revocation list of a CA: what the one before has, and one more. */
    public static X509CRL revoke(
            Signer issuer, Optional<X509CRL> before, BigInteger serial, Duration validity)
            throws PkiProblem {
        try {
            Instant now = Instant.now();
            var builder = new X509v2CRLBuilder(issuer.name(), Date.from(now));
            builder.setNextUpdate(Date.from(now.plus(validity)));
            BigInteger number = BigInteger.ONE;
            if (before.isPresent()) {
                builder.addCRL(new X509CRLHolder(before.get().getEncoded()));
                number = number(before.get()).add(BigInteger.ONE);
            }
            if (before.isEmpty() || before.get().getRevokedCertificate(serial) == null) {
                builder.addCRLEntry(serial, Date.from(now), CRLReason.unspecified);
            }
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(number));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer.publicKey()));
            return new JcaX509CRLConverter().getCRL(builder.build(signer(issuer.key())));
        } catch (GeneralSecurityException | IOException e) {
            throw new PkiProblem("cannot make the revocation list: " + e.getMessage());
        }
    }

    private static BigInteger number(X509CRL crl) {
        byte[] value = crl.getExtensionValue(Extension.cRLNumber.getId());
        return value == null
                ? BigInteger.ZERO
                : CRLNumber.getInstance(DEROctetString.getInstance(value).getOctets())
                        .getCRLNumber();
    }
}
