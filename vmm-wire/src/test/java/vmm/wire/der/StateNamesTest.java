package vmm.wire.der;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.StateFile;
import vmm.wire.Success.Named;

/** The third form of the state was written by releases that spelled names in two ways. */
class StateNamesTest {
    private static final String SPACE = "a:bb:cccc";

    private static UnikernelConfig config() {
        var arguments =
                new Arguments(
                        FailBehaviour.QUIT,
                        OptionalLong.empty(),
                        true,
                        new TreeSet<>(List.of(0L)),
                        16,
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        1,
                        Optional.empty());
        return new UnikernelConfig(Typ.SOLO5, false, Bytes.of(new byte[] {1}), arguments);
    }

    /** A state as a release writes it whose spelling is not this codec's. */
    private static Bytes state(String spelled) {
        assertThat(spelled).hasSameSizeAs(SPACE);
        var state = new StateFile(List.of(new Named<>(Name.parse(SPACE), config())), List.of());
        String der = new String(WireCodec.encodeState(state, Form.State.V3), ISO_8859_1);
        return Bytes.of(der.replace(SPACE, spelled).getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource({
        "foo.b.tic, foo:b:tic",
        "tick-tack, :tick-tack",
        "foo:b:tic, foo:b:tic",
        ":foo.tick, :foo.tick",
        "foo:b.tic, foo:b.tic"
    })
    void name_isRead_withDotsOfRelease14_andWithColonsOfRelease15(String spelled, String name) {
        assertThat(WireCodec.decodeState(state(spelled)))
                .isInstanceOfSatisfying(
                        Decoded.Of.class,
                        of ->
                                assertThat(((StateFile) of.value()).unikernels())
                                        .extracting(named -> named.name().toString())
                                        .containsExactly(name));
    }

    @ParameterizedTest
    @CsvSource({"foo:b:tic", ":tick", "tick"})
    void name_isWritten_withDots_andReadBack(String name) {
        var state = new StateFile(List.of(new Named<>(Name.parse(name), config())), List.of());
        byte[] der = WireCodec.encodeStateDotted(state, Form.State.V3);
        assertThat(new String(der, ISO_8859_1)).doesNotContain(":");
        assertThat(WireCodec.decodeState(Bytes.of(der))).isEqualTo(new Decoded.Of<>(state));
    }

    @Test
    void labelWithADot_isRefused_forReleasesThatPartByDots() {
        var state = new StateFile(List.of(new Named<>(Name.parse("a:b.c"), config())), List.of());
        assertThatThrownBy(() -> WireCodec.encodeStateDotted(state, Form.State.V3))
                .hasMessageContaining("'a:b.c' has a dot");
    }
}
