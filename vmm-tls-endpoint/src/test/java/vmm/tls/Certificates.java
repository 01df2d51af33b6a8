package vmm.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import vmm.core.Bytes;
import vmm.core.Policy;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.der.WireCodec;

/** Certificates for tests, good ones and every kind of bad one, put together by hand. */
final class Certificates {
    private static final AtomicLong SERIALS = new AtomicLong(1000);
    static final Crypto CRYPTO = crypto();

    private Certificates() {}

    /** The JDK does not even read it. */
    static final class Unreadable extends IllegalStateException {
        private static final long serialVersionUID = 1L;
        final transient byte[] der;

        Unreadable(byte[] der, CertificateException why) {
            super(why);
            this.der = der;
        }
    }

    /** A certificate and its key. */
    record Holder(X509Certificate certificate, KeyPair keys) {
        X500Name name() {
            return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        }

        Shown shown() {
            return Certificates.shown(certificate);
        }
    }

    /** One extension; the same one may be given twice. */
    record Ext(String oid, boolean critical, Bytes value) {}

    /** How a certificate is made; what is not said is as it should be. */
    static final class Draft {
        private final X500Name subject;
        private final boolean ca;
        private final boolean bare;
        private final List<Ext> extensions = new ArrayList<>();
        private Instant from = Instant.now().minus(Duration.ofHours(1));
        private Instant until = Instant.now().plus(Duration.ofDays(1));
        private KeyPurposeId purpose = KeyPurposeId.id_kp_clientAuth;

        private Draft(X500Name subject, boolean ca, boolean bare) {
            this.subject = subject;
            this.ca = ca;
            this.bare = bare;
        }

        Draft valid(Instant newFrom, Instant newUntil) {
            from = newFrom;
            until = newUntil;
            return this;
        }

        Draft purpose(KeyPurposeId newPurpose) {
            purpose = newPurpose;
            return this;
        }

        Draft with(Ext extension) {
            extensions.add(extension);
            return this;
        }

        Draft commanding(Command command) {
            return with(new Ext(CertExtension.OID, false, Bytes.of(extension(command))));
        }

        Holder signedBy(Holder issuer, KeyPair keys) {
            return signedBy(issuer.name(), issuer.keys().getPrivate(), keys);
        }

        Holder signedBy(X500Name issuer, PrivateKey key, KeyPair keys) {
            byte[] der = encoded(issuer, key, keys);
            try {
                return new Holder(parsed(der), keys);
            } catch (CertificateException e) {
                throw new Unreadable(der, e);
            }
        }

        /** The bytes, also of what the JDK does not read. */
        byte[] encoded(X500Name issuer, PrivateKey key, KeyPair keys) {
            try {
                return build(issuer, key, keys);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private byte[] build(X500Name issuer, PrivateKey key, KeyPair keys) throws IOException {
            ContentSigner signer = signer(key);
            var tbs = new ASN1EncodableVector();
            tbs.add(
                    new DERTaggedObject(
                            true, 0, new org.bouncycastle.asn1.ASN1Integer(BigInteger.TWO)));
            tbs.add(new org.bouncycastle.asn1.ASN1Integer(SERIALS.incrementAndGet()));
            tbs.add(signer.getAlgorithmIdentifier());
            tbs.add(issuer);
            var validity = new ASN1EncodableVector();
            validity.add(new Time(Date.from(from)));
            validity.add(new Time(Date.from(until)));
            tbs.add(new DERSequence(validity));
            tbs.add(subject);
            tbs.add(SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
            if (!bare || !extensions.isEmpty()) {
                tbs.add(new DERTaggedObject(true, 3, extensions()));
            }
            var signed = new DERSequence(tbs);
            signer.getOutputStream().write(signed.getEncoded("DER"));
            var all = new ASN1EncodableVector();
            all.add(signed);
            all.add(signer.getAlgorithmIdentifier());
            all.add(new DERBitString(signer.getSignature()));
            return new DERSequence(all).getEncoded("DER");
        }

        private DERSequence extensions() throws IOException {
            var list = new ArrayList<Ext>();
            if (!bare) {
                addUsual(list);
            }
            list.addAll(extensions);
            return encoded(list);
        }

        private void addUsual(List<Ext> list) throws IOException {
            list.add(
                    new Ext(
                            Extension.basicConstraints.getId(),
                            true,
                            Bytes.of(new BasicConstraints(ca).getEncoded("DER"))));
            int usage =
                    ca
                            ? KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature
                            : KeyUsage.digitalSignature | KeyUsage.keyEncipherment;
            list.add(
                    new Ext(
                            Extension.keyUsage.getId(),
                            true,
                            Bytes.of(new KeyUsage(usage).getEncoded("DER"))));
            if (!ca) {
                list.add(
                        new Ext(
                                Extension.extendedKeyUsage.getId(),
                                true,
                                Bytes.of(new ExtendedKeyUsage(purpose).getEncoded("DER"))));
            }
        }

        private static DERSequence encoded(List<Ext> list) {
            var encoded = new ASN1EncodableVector();
            for (Ext one : list) {
                var parts = new ASN1EncodableVector();
                parts.add(new ASN1ObjectIdentifier(one.oid()));
                if (one.critical()) {
                    parts.add(org.bouncycastle.asn1.ASN1Boolean.TRUE);
                }
                parts.add(new DEROctetString(one.value().toArray()));
                encoded.add(new DERSequence(parts));
            }
            return new DERSequence(encoded);
        }
    }

    static X509Certificate parsed(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der));
    }

    private static Crypto crypto() {
        try {
            return new Crypto(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Shown shown(X509Certificate certificate) {
        try {
            return Shown.read(CRYPTO, certificate.getEncoded());
        } catch (IOException | CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    static Draft authority(String name) {
        return new Draft(named(name), true, false);
    }

    static Draft leaf(String name) {
        return new Draft(named(name), false, false);
    }

    /** With the extensions that it is given, and no others. */
    static Draft bare(String name) {
        return new Draft(named(name), false, true);
    }

    /** A leaf whose subject has no common name. */
    static Draft namelessLeaf() {
        return new Draft(new X500Name("O=nobody"), false, false);
    }

    static X500Name named(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    static Holder root(String name) {
        KeyPair keys = ed25519();
        return authority(name)
                .valid(
                        Instant.now().minus(Duration.ofHours(2)),
                        Instant.now().plus(Duration.ofDays(3650)))
                .signedBy(named(name), keys.getPrivate(), keys);
    }

    static Holder server(Holder root, KeyPair keys) {
        return leaf("localhost").purpose(KeyPurposeId.id_kp_serverAuth).signedBy(root, keys);
    }

    static byte[] extension(Command command) {
        return WireCodec.encodeCertExtension(new CertExtension(Header.Version.AV5, command));
    }

    static Command policy(long unikernels) {
        return new Command.PolicyAdd(
                Policy.of(
                        List.of(0L),
                        unikernels,
                        32 * unikernels,
                        OptionalLong.empty(),
                        List.of("service")));
    }

    static KeyPair ed25519() {
        return keys("Ed25519", "");
    }

    static KeyPair keys(String algorithm, String curveOrBits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("RSA")) {
                generator.initialize(Integer.parseInt(curveOrBits));
            } else if (!curveOrBits.isEmpty()) {
                generator.initialize(new ECGenParameterSpec(curveOrBits));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ContentSigner signer(PrivateKey key) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "Ed25519";
                };
        try {
            return new JcaContentSignerBuilder(algorithm).build(key);
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A revocation list in DER. */
    static byte[] crl(Holder issuer, long number, Optional<X509Certificate> revoked) {
        try {
            var builder = new X509v2CRLBuilder(issuer.name(), Date.from(Instant.now()));
            builder.setNextUpdate(Date.from(Instant.now().plus(Duration.ofDays(30))));
            revoked.ifPresent(
                    one ->
                            builder.addCRLEntry(
                                    one.getSerialNumber(),
                                    Date.from(Instant.now()),
                                    CRLReason.unspecified));
            builder.addExtension(
                    Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
            return builder.build(signer(issuer.keys().getPrivate())).getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String pem(String what, byte[] der) {
        return "-----BEGIN "
                + what
                + "-----\n"
                + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END "
                + what
                + "-----\n";
    }

    static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }
}
