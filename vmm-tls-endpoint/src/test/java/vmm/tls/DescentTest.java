package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import vmm.core.Bytes;

/** Our way down a chain beside the JDK's, over chains whose parts are as likely bad as good. */
class DescentTest {
    private static final int CHAINS = 3000;
    private static final int DEPTH_MAX = 4;
    private static final Revocations NONE =
            new Revocations(Path.of("there-is-none"), Optional.empty());

    private final Random random = new Random(Long.getLong("seed", 20_261_122L));
    private final Instant now = Instant.now();
    private final List<KeyPair> keys =
            List.of(
                    Certificates.ed25519(),
                    Certificates.keys("EC", "secp256r1"),
                    Certificates.keys("RSA", "1024"));

    private boolean rarely() {
        return random.nextInt(12) == 0;
    }

    private static Certificates.Ext ext(
            org.bouncycastle.asn1.ASN1ObjectIdentifier oid,
            boolean critical,
            org.bouncycastle.asn1.ASN1Object value) {
        try {
            return new Certificates.Ext(
                    oid.getId(), critical, Bytes.of(value.getEncoded(ASN1Encoding.DER)));
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private Certificates.Draft draft(int place, String name) {
        var draft = Certificates.bare(name);
        if (rarely()) {
            draft.valid(now.minus(Duration.ofDays(2)), now.minusSeconds(5));
        } else if (rarely()) {
            draft.valid(now.plusSeconds(600), now.plusSeconds(900));
        }
        if (!rarely()) {
            BasicConstraints constraints =
                    place > 0 && random.nextInt(3) == 0
                            ? new BasicConstraints(random.nextInt(DEPTH_MAX))
                            : new BasicConstraints(rarely() != place > 0);
            draft.with(ext(Extension.basicConstraints, random.nextBoolean(), constraints));
        }
        if (random.nextInt(3) > 0) {
            int bits =
                    rarely()
                            ? 1 << random.nextInt(8)
                            : KeyUsage.keyCertSign | KeyUsage.digitalSignature;
            draft.with(ext(Extension.keyUsage, random.nextBoolean(), new KeyUsage(bits)));
        }
        if (rarely()) {
            draft.with(
                    new Certificates.Ext(
                            "1.2.3." + random.nextInt(9),
                            random.nextBoolean(),
                            Bytes.of(new byte[] {5, 0})));
        }
        return draft;
    }

    /** Leaf first, in DER. */
    private List<byte[]> chain(Certificates.Holder ca) throws CertificateException {
        var chain = new ArrayList<byte[]>();
        var issuerName = ca.name();
        var issuerKey = ca.keys();
        for (int place = random.nextInt(DEPTH_MAX); place >= 0; place--) {
            String name = rarely() ? "twin" : "p" + place;
            KeyPair own = keys.get(random.nextInt(keys.size()));
            KeyPair signing = rarely() ? keys.get(random.nextInt(keys.size())) : issuerKey;
            byte[] der = draft(place, name).encoded(issuerName, signing.getPrivate(), own);
            if (rarely()) {
                der[random.nextInt(der.length)] ^= (byte) (1 << random.nextInt(8));
            }
            chain.addFirst(der);
            issuerName = Certificates.named(rarely() ? "somebody" : name);
            issuerKey = own;
        }
        return chain;
    }

    private boolean theJdkTakes(X509Certificate ca, List<byte[]> chain) {
        try {
            var all = new ArrayList<X509Certificate>();
            for (byte[] der : chain) {
                all.add(Certificates.parsed(der));
            }
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(all),
                            parameters);
            return true;
        } catch (GeneralSecurityException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    private boolean weTake(Certificates.Holder ca, List<byte[]> chain) {
        try {
            var all = new ArrayList<Shown>();
            for (byte[] der : chain) {
                all.add(Shown.read(Certificates.CRYPTO, der));
            }
            Descent.check(ca.shown(), all, now, NONE);
            return true;
        } catch (java.io.IOException | Chains.Rejected e) {
            return false;
        }
    }

    @Test
    void check_takes_whatTheJdkTakes_andNothingElse() throws Exception {
        Certificates.Holder ca = Certificates.root("the CA");
        int taken = 0;
        for (int i = 0; i < CHAINS; i++) {
            List<byte[]> chain = chain(ca);
            boolean jdks = theJdkTakes(ca.certificate(), chain);
            assertThat(weTake(ca, chain))
                    .as(
                            "chain %d: %s",
                            i, chain.stream().map(java.util.HexFormat.of()::formatHex).toList())
                    .isEqualTo(jdks);
            taken += jdks ? 1 : 0;
        }
        assertThat(taken).isBetween(CHAINS / 20, CHAINS - CHAINS / 20);
    }
}
