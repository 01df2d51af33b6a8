package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Bytes;
import vmm.tls.core.Admission;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Form;

/**
 * 500 chains, each with one fault at one place, or none: who is let in, and what the others hear.
 */
class ChainMatrixTest {
    private static final int CHAINS = 500;
    private static final int DEPTH_MAX = 12;
    private static final Command INFO = new Command.UnikernelInfo(Form.Info.V6);

    @TempDir Path crls;

    private final Certificates.Holder ca = Certificates.root("the CA");
    private final KeyPair spare = Certificates.ed25519();

    /** One for each place in a chain: making thousands would take most of the time. */
    private final List<KeyPair> keys =
            Stream.generate(() -> Certificates.keys("EC", "secp256r1")).limit(DEPTH_MAX).toList();

    /** What is wrong, and the answer: an alert or the cause of a refusal. */
    private enum Fault {
        NONE("admitted"),
        EXPIRED("certificate_expired"),
        NOT_YET_VALID("certificate_expired"),
        WRONG_USAGE("bad_certificate"),
        NO_EXTENSION_IN_LEAF("no_command"),
        DOUBLED_EXTENSION("bad_certificate"),
        GROWING_POLICY("policy_grows"),
        UNUSABLE_POLICY("policy_grows"),
        BAD_LABEL("bad_name"),
        NO_NAME("bad_name"),
        COMMAND_IN_INTERMEDIATE("no_policy"),
        MALFORMED_EXTENSION("malformed_extension"),
        FORBIDDEN_COMMAND("not_from_outside"),
        OTHER_CA("bad_certificate"),
        OTHER_CA_OTHER_NAME("unknown_ca"),
        REVOKED("certificate_revoked"),
        KEY_MISMATCH("bad_certificate"),
        CRITICAL_UNKNOWN("bad_certificate"),
        NOT_A_CA("bad_certificate"),
        MISSING_LINK("unknown_ca"),
        SHUFFLED("unknown_ca");

        private final String answer;

        Fault(String answer) {
            this.answer = answer;
        }

        boolean isOfIntermediates() {
            return switch (this) {
                case GROWING_POLICY,
                        UNUSABLE_POLICY,
                        COMMAND_IN_INTERMEDIATE,
                        NO_NAME,
                        NOT_A_CA,
                        MISSING_LINK,
                        SHUFFLED ->
                        true;
                default -> false;
            };
        }

        boolean isOfLeaf() {
            return this == NO_EXTENSION_IN_LEAF || this == WRONG_USAGE || this == FORBIDDEN_COMMAND;
        }
    }

    /**
     * @param depth how many certificates, without the CA
     * @param at where the fault is: 0 is the leaf
     */
    private record Case(Fault fault, int depth, int at, long seed) {
        String expected() {
            boolean shownInHandshake =
                    List.of("bad_certificate", "unknown_ca").contains(fault.answer)
                            || fault.answer.startsWith("certificate_");
            return depth >= Admission.CHAIN_CERTIFICATES_MAX && !shownInHandshake
                    ? "chain_too_long"
                    : fault.answer;
        }
    }

    @Test
    void chains_getTheAnswerOfTheirFault_andAreLetInOnlyWithoutOne() throws Exception {
        long seed = Long.getLong("seed", 20_261_121L);
        var random = new Random(seed);
        var wrong = new ArrayList<String>();
        int admitted = 0;
        for (int i = 0; i < CHAINS; i++) {
            Fault fault = Fault.values()[i % Fault.values().length];
            int least = fault.isOfIntermediates() ? 3 : fault == Fault.GROWING_POLICY ? 3 : 1;
            int depth = least + random.nextInt(DEPTH_MAX - least + 1);
            int at =
                    fault.isOfIntermediates()
                            ? 1 + random.nextInt(depth - 2)
                            : fault.isOfLeaf() ? 0 : random.nextInt(depth);
            var one = new Case(fault, depth, at, i);
            String answer = answer(one);
            admitted += answer.equals("admitted") ? 1 : 0;
            if (!answer.equals(one.expected())) {
                wrong.add(one + " got " + answer + " in place of " + one.expected());
            }
        }
        assertThat(wrong).as("seed %d", seed).isEmpty();
        assertThat(admitted).as("good chains").isPositive();
    }

    private String answer(Case one) throws IOException {
        List<Shown> presented;
        try {
            presented = chain(one);
        } catch (Certificates.Unreadable e) {
            return answer(e.der);
        }
        var revocations = new Revocations(crls, Optional.empty());
        revocations.refresh();
        var chains = new Chains(ca.shown(), revocations, Clock.systemUTC());
        String first = answer(chains, presented);
        String again = answer(chains, presented);
        return again.equals(first) ? first : first + ", then " + again;
    }

    /** What a handshake says of a certificate that cannot be read. */
    private static String answer(byte[] unreadable) throws IOException {
        try {
            return "read: " + Shown.read(Certificates.CRYPTO, unreadable);
        } catch (TlsFatalAlert alert) {
            return AlertDescription.getName(alert.getAlertDescription());
        }
    }

    private static String answer(Chains chains, List<Shown> presented) {
        try {
            List<Shown> good = chains.check(presented);
            return switch (Admission.of(Endpoint.presented(good))) {
                case Admission.Of _ -> "admitted";
                case Admission.Refused refused -> refused.why().cause();
            };
        } catch (Chains.Rejected e) {
            return e.cause();
        }
    }

    /** Leaf first. */
    private List<Shown> chain(Case one) throws IOException {
        Certificates.Holder issuer =
                switch (one.fault()) {
                    case OTHER_CA -> Certificates.root("the CA");
                    case OTHER_CA_OTHER_NAME -> Certificates.root("another CA");
                    default -> ca;
                };
        var holders = new ArrayList<Certificates.Holder>();
        for (int place = one.depth() - 1; place >= 0; place--) {
            Certificates.Holder made = certificate(one, place, issuer);
            if (one.fault() == Fault.REVOKED && place == one.at()) {
                Files.write(
                        crls.resolve("list.crl"),
                        Certificates.crl(issuer, one.seed() + 1, Optional.of(made.certificate())));
            }
            holders.add(made);
            issuer = made;
        }
        var chain = new ArrayList<Shown>();
        holders.reversed().forEach(h -> chain.add(h.shown()));
        if (one.fault() == Fault.MISSING_LINK) {
            chain.remove(one.at());
        } else if (one.fault() == Fault.SHUFFLED) {
            Collections.swap(chain, one.at(), one.at() + 1);
        }
        if (one.seed() % 2 == 0) {
            chain.add(ca.shown());
        }
        return chain;
    }

    private Certificates.Holder certificate(Case one, int place, Certificates.Holder issuer) {
        boolean here = place == one.at();
        boolean isLeaf = place == 0;
        Certificates.Draft draft = isLeaf ? leaf(one, here) : intermediate(one, place, here);
        Instant now = Instant.now();
        if (here) {
            switch (one.fault()) {
                case EXPIRED -> draft.valid(now.minus(Duration.ofDays(2)), now.minusSeconds(5));
                case NOT_YET_VALID -> draft.valid(now.plusSeconds(600), now.plusSeconds(900));
                case CRITICAL_UNKNOWN ->
                        draft.with(
                                new Certificates.Ext(
                                        "1.2.3.4.5", true, Bytes.of(new byte[] {5, 0})));
                case DOUBLED_EXTENSION -> draft.commanding(isLeaf ? INFO : Certificates.policy(1));
                default -> {}
            }
        }
        boolean forged = here && one.fault() == Fault.KEY_MISMATCH;
        return forged
                ? draft.signedBy(issuer.name(), spare.getPrivate(), keys.get(place))
                : draft.signedBy(issuer, keys.get(place));
    }

    private static Certificates.Draft leaf(Case one, boolean here) {
        var draft =
                Certificates.leaf(here && one.fault() == Fault.BAD_LABEL ? "no/label" : "hello");
        if (here && one.fault() == Fault.WRONG_USAGE) {
            draft.purpose(KeyPurposeId.id_kp_serverAuth);
        }
        if (here && one.fault() == Fault.MALFORMED_EXTENSION) {
            return draft.with(
                    new Certificates.Ext(
                            CertExtension.OID, false, Bytes.of(new byte[] {0x30, 1, 7})));
        }
        return switch (one.fault()) {
            case NO_EXTENSION_IN_LEAF -> draft;
            case FORBIDDEN_COMMAND -> draft.commanding(new Command.PolicyRemove());
            default -> draft.commanding(INFO);
        };
    }

    private static Certificates.Draft intermediate(Case one, int place, boolean here) {
        String name = "p" + place;
        if (here && one.fault() == Fault.BAD_LABEL) {
            name = "-p" + place;
        } else if (here && one.fault() == Fault.NO_NAME) {
            name = "";
        }
        var draft =
                here && one.fault() == Fault.NOT_A_CA
                        ? Certificates.leaf(name)
                        : Certificates.authority(name);
        if (here && one.fault() == Fault.MALFORMED_EXTENSION) {
            return draft.with(new Certificates.Ext(CertExtension.OID, true, Bytes.EMPTY));
        }
        Command command = Certificates.policy(place);
        if (here && one.fault() == Fault.GROWING_POLICY) {
            command = Certificates.policy(100);
        } else if (here && one.fault() == Fault.UNUSABLE_POLICY) {
            command = Certificates.policy(0);
        } else if (here && one.fault() == Fault.COMMAND_IN_INTERMEDIATE) {
            command = INFO;
        }
        return draft.commanding(command);
    }
}
