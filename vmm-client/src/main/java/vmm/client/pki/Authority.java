package vmm.client.pki;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import vmm.core.Arguments;
import vmm.core.NetDevice;
import vmm.core.Policy;
import vmm.wire.CertExtension;
import vmm.wire.Command;

/**
 * Who signs: a certificate and its key. What its policy does not allow it does not sign, for the
 * endpoint would refuse it.
 */
public final class Authority {
    private final X509Certificate certificate;
    private final Issuing.Signer signer;

    private Authority(X509Certificate certificate, Issuing.Signer signer) {
        this.certificate = certificate;
        this.signer = signer;
    }

    public static Authority of(X509Certificate certificate, PrivateKey key) throws PkiProblem {
        if (!certificate.getPublicKey().equals(Keys.publicKey(key))) {
            throw new PkiProblem("the public key of the CA does not match its private key");
        }
        var name = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        return new Authority(
                certificate, new Issuing.Signer(name, key, certificate.getPublicKey()));
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public PrivateKey key() {
        return signer.key();
    }

    public X500Name name() {
        return signer.name();
    }

    /** Signs; whether it may is {@link #allow}'s to say. */
    public X509Certificate sign(
            X500Name subject,
            PublicKey key,
            Issuing.Role role,
            Optional<CertExtension> stated,
            Duration validity)
            throws PkiProblem {
        return Issuing.certificate(signer, subject, key, role, stated, validity, true);
    }

    /** Throws where what it signs now would be refused everywhere. */
    public void checkTime() throws PkiProblem {
        Instant end = certificate.getNotAfter().toInstant();
        Instant now = Instant.now();
        if (end.isBefore(now)) {
            throw new PkiProblem("the CA has expired on " + end + ": have it signed anew");
        }
        Instant start = certificate.getNotBefore().toInstant();
        if (start.isAfter(now)) {
            throw new PkiProblem("the CA is not valid before " + start + ": is the clock right?");
        }
    }

    public boolean hasSigned(X509Certificate other) {
        return Issuing.isSignedBy(other, certificate);
    }

    /** The next revocation list: what the one before has, and one more. */
    public X509CRL revoke(Optional<X509CRL> before, BigInteger serial, Duration validity)
            throws PkiProblem {
        if (before.isPresent()) {
            try {
                before.get().verify(certificate.getPublicKey());
            } catch (GeneralSecurityException _) {
                throw new PkiProblem("the list is another CA's: name one of its own with --crl");
            }
        }
        return Issuing.revoke(signer, before, serial, validity);
    }

    /** Throws where the policy of this authority's own certificate does not allow a command. */
    public void allow(Command command) throws PkiProblem {
        if (command instanceof Command.PolicyAdd(var policy) && policy.unusable().isPresent()) {
            throw new PkiProblem(policy.unusable().get());
        }
        Optional<CertExtension> own = Issuing.stated(certificate);
        if (own.isEmpty() || !(own.get().command() instanceof Command.PolicyAdd(Policy above))) {
            return;
        }
        Optional<String> problem =
                switch (command) {
                    case Command.PolicyAdd(var policy) -> policy.exceeds(above);
                    case Command.Create(_, _, var config) -> exceeds(above, config.arguments());
                    default -> Optional.empty();
                };
        if (problem.isPresent()) {
            throw new PkiProblem("the CA's policy does not allow this: " + problem.get());
        }
    }

    private static Optional<String> exceeds(Policy above, Arguments arguments) {
        if (arguments.memoryMiB() > above.memoryMiB()) {
            return Optional.of(
                    arguments.memoryMiB() + " MB memory, " + above.memoryMiB() + " are allowed");
        }
        if (!above.cpuids().containsAll(arguments.cpuids())) {
            return Optional.of("CPU ids " + arguments.cpuids() + ", not in " + above.cpuids());
        }
        return arguments.networks().stream()
                .map(NetDevice::hostBridge)
                .filter(bridge -> !above.bridges().contains(bridge))
                .findFirst()
                .map(bridge -> "the bridge " + bridge);
    }
}
