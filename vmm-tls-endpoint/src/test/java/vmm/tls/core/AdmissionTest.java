package vmm.tls.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.der.WireCodec;

/** What chains ask for, and the table of what is refused. */
class AdmissionTest {
    private static final Command INFO = new Command.UnikernelInfo(Form.Info.V6);

    private static Presented certificate(String name, Command command) {
        byte[] value =
                WireCodec.encodeCertExtension(new CertExtension(Header.Version.AV5, command));
        return new Presented(List.of(name), Optional.of(Bytes.of(value)));
    }

    private static Command policy(long unikernels, long memoryMiB) {
        return new Command.PolicyAdd(
                Policy.of(List.of(0L), unikernels, memoryMiB, OptionalLong.of(10), List.of("br0")));
    }

    private static Refusal refusal(Presented... chain) {
        return switch (Admission.of(List.of(chain))) {
            case Admission.Refused refused -> refused.why();
            case Admission.Of admitted -> throw new AssertionError("admitted: " + admitted);
        };
    }

    private static Admission.Of admitted(Presented... chain) {
        return switch (Admission.of(List.of(chain))) {
            case Admission.Of admitted -> admitted;
            case Admission.Refused refused -> throw new AssertionError(refused.why().message());
        };
    }

    @Test
    void path_isReadDownwards_withAPolicyForEachStep() {
        Admission.Of admitted =
                admitted(
                        certificate("Hello", INFO),
                        certificate("bob", policy(1, 32)),
                        certificate("alice", policy(2, 64)),
                        new Presented(List.of("no extension, no step"), Optional.empty()));
        assertThat(admitted.name()).isEqualTo(Name.parse("alice:bob:hello"));
        assertThat(admitted.policies())
                .extracting(one -> one.path().toString())
                .containsExactly("alice:", "alice:bob:");
        assertThat(admitted.command()).isEqualTo(INFO);
    }

    @Test
    void leafWithoutName_isAboutThePathItself() {
        for (String name : List.of("", ".", ":")) {
            assertThat(admitted(certificate(name, INFO), certificate("a", policy(1, 32))).name())
                    .isEqualTo(Name.parse("a:"));
        }
        assertThat(admitted(new Presented(List.of(), certificate("", INFO).extension())).name())
                .isEqualTo(Name.ROOT);
    }

    @Test
    void names_areRefused_whereTheyAreNoLabels() {
        for (String name : List.of("a/b", "-x", "a:b", "x".repeat(64), "\u00e4")) {
            assertThat(refusal(certificate(name, INFO))).isInstanceOf(Refusal.BadName.class);
            assertThat(refusal(certificate("u", INFO), certificate(name, policy(1, 32))))
                    .isInstanceOf(Refusal.BadName.class);
        }
        Presented twoNames = new Presented(List.of("a", "b"), certificate("a", INFO).extension());
        assertThat(refusal(twoNames)).isInstanceOf(Refusal.BadName.class);
    }

    @Test
    void intermediates_carryPoliciesOnly_thatDoNotGrow() {
        assertThat(refusal(certificate("u", INFO), certificate("a", INFO)))
                .isInstanceOf(Refusal.NoPolicy.class);
        assertThat(refusal(certificate("u", INFO), certificate("a", policy(0, 32))))
                .isInstanceOf(Refusal.PolicyGrows.class);
        assertThat(
                        refusal(
                                certificate("u", INFO),
                                certificate("b", policy(1, 65)),
                                certificate("a", policy(2, 64))))
                .isInstanceOf(Refusal.PolicyGrows.class);
    }

    @Test
    void chains_areShorterThanTen() {
        var chain = new ArrayList<Presented>();
        chain.add(certificate("u", INFO));
        for (int i = 0; i < Admission.CHAIN_CERTIFICATES_MAX - 2; i++) {
            chain.add(certificate("p", policy(1, 32)));
        }
        assertThat(Admission.of(chain)).isInstanceOf(Admission.Of.class);
        chain.add(certificate("p", policy(1, 32)));
        assertThat(refusal(chain.toArray(Presented[]::new)))
                .isEqualTo(new Refusal.ChainTooLong(Admission.CHAIN_CERTIFICATES_MAX));
        assertThat(refusal()).isEqualTo(new Refusal.ChainTooLong(0));
    }

    @Test
    void commandsOfTheHouse_areNotForOutside() {
        for (Command command :
                List.of(
                        new Command.ConsoleAdd(OptionalLong.empty()),
                        new Command.StatsAdd("", 1, List.of()),
                        new Command.StatsRemove(),
                        new Command.StatsInitial(),
                        new Command.PolicyRemove(),
                        policy(1, 32))) {
            assertThat(refusal(certificate("u", command)).message())
                    .startsWith("unexpected command");
        }
        for (Command command :
                List.of(
                        INFO,
                        new Command.Destroy(),
                        new Command.PolicyInfo(),
                        new Command.BlockSet(true),
                        new Command.StatsSubscribe(),
                        new Command.ConsoleListInactive(),
                        new Command.ConsoleSubscribe(true, new Command.History.Count(1)))) {
            assertThat(admitted(certificate("u", command)).command()).isEqualTo(command);
        }
    }

    @Test
    void malformedExtensions_areRefused_withTheirPlace() {
        byte[] good = certificate("u", INFO).extension().orElseThrow().toArray();
        for (int length = 0; length < good.length; length++) {
            var cut = Bytes.of(java.util.Arrays.copyOf(good, length));
            assertThat(refusal(new Presented(List.of("u"), Optional.of(cut))))
                    .isInstanceOf(Refusal.Malformed.class);
        }
        assertThat(refusal(new Presented(List.of("u"), Optional.empty())))
                .isEqualTo(new Refusal.NoCommand());
    }
}
