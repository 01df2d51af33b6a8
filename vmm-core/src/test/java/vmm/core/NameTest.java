package vmm.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameTest {
    @ParameterizedTest
    @CsvSource({
        ":, :",
        "hello, :hello",
        ":hello, :hello",
        "a:b:hello, a:b:hello",
        "a:b:, a:b:",
        ":foo:, foo:",
        "UPPER:Case, upper:case",
        "1.2.3, :1.2.3",
        "foo:bar:baz:hello.world, foo:bar:baz:hello.world"
    })
    void parse_givesTheCanonicalString_forAllForms(String text, String canonical) {
        assertThat(Name.parse(text)).hasToString(canonical);
        assertThat(Name.parse(canonical)).isEqualTo(Name.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "::", "::foo", "a::b", "foo::", "-lead", "foo:-x", "a_b", "a b", "a/b", "a\n",
                "a\0b", "hé", "\u212a", "../x"
            })
    void parse_refuses_whatIsNoName(String text) {
        assertThat(Name.problem(text)).isPresent();
        assertThatThrownBy(() -> Name.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void label_mayHave63Characters_andNoMore() {
        assertThat(Label.problem("x".repeat(63))).isEmpty();
        assertThat(Label.problem("x".repeat(64))).isPresent();
    }

    @Test
    void name_mayHave64Labels_andNoMore() {
        assertThat(Name.problem("a:".repeat(63) + "a")).isEmpty();
        assertThat(Name.problem("a:".repeat(64) + "a")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "foo:..", "..:foo", "a:...:b"})
    void fileProblem_isThere_whereALabelIsDotsAlone(String text) {
        assertThat(Name.parse(text).fileProblem()).isPresent();
    }

    @Test
    void fileProblem_isEmpty_forOrdinaryNames() {
        assertThat(Name.parse("foo:hello.world").fileProblem()).isEmpty();
    }

    @Test
    void relativeTo_dropsTheAncestor_andKeepsTheLabel() {
        Name name = Name.parse("foo:bar:hello");
        assertThat(name.relativeTo(Path.of("foo"))).hasToString("bar:hello");
        assertThat(name.relativeTo(Path.of("foo", "bar"))).hasToString(":hello");
        assertThat(Name.parse("foo:").relativeTo(Path.of("foo"))).hasToString(":");
        assertThatThrownBy(() -> name.relativeTo(Path.of("baz")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void contains_isTrue_forItselfAndWhatIsBelow() {
        assertThat(Path.of("foo").contains(Path.of("foo", "bar"))).isTrue();
        assertThat(Path.of("foo").contains(Path.of("foo"))).isTrue();
        assertThat(Path.ROOT.contains(Path.of("foo"))).isTrue();
        assertThat(Path.of("foo").contains(Path.of("foobar"))).isFalse();
        assertThat(Path.of("foo").contains(Path.ROOT)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "hello, service, 00:80:41:cd:8a:eb",
        "foo:bar:net, service0, 00:80:41:e6:cb:9f",
        ":wtavy0, UcKU, 00:80:41:6d:50:d4",
        "foo:, service, 00:80:41:e2:66:61"
    })
    void derivedMac_isTheOneOfAlbatross(String name, String device, String mac) {
        assertThat(MacAddress.derived(device, Name.parse(name))).hasToString(mac);
    }

    @Test
    void macAddress_goesThroughTextAndBytes_unchanged() {
        MacAddress mac = MacAddress.parse("00:80:41:CD:8a:eb");
        assertThat(MacAddress.of(mac.bytes())).isEqualTo(mac);
        assertThat(MacAddress.problem("00:80:41:cd:8a")).isPresent();
        assertThatThrownBy(() -> MacAddress.of(Bytes.ofHex("00")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
