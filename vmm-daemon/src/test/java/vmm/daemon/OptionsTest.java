package vmm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static final List<Options.Option> OWN =
            List.of(
                    Options.Option.of("--interval", "SECONDS", "how often"),
                    Options.Option.flag("--flag", "a flag"));

    private static Options parse(String... arguments) throws Options.Ended {
        return Options.parse("vmm-test", OWN, arguments);
    }

    private static Options.Ended ended(String... arguments) {
        return catchThrowableOfType(Options.Ended.class, () -> parse(arguments));
    }

    @Test
    void nothing_isTheDefaults() throws Exception {
        Options options = parse();
        assertThat(options.tmpdir()).isEqualTo(Path.of("/run/albatross"));
        assertThat(options.verbosity()).isZero();
        assertThat(options.socketActivation()).isFalse();
        assertThat(options.has("--flag")).isFalse();
        assertThat(options.value("--interval")).isEmpty();
        assertThat(options.number("--interval", 10)).isEqualTo(10);
    }

    @Test
    void values_comeAfterEqualsOrASpace_andTheLastCounts() throws Exception {
        Options options =
                parse("--tmpdir=/a=b", "--interval", "3", "--interval=", "--tmpdir", "/c");
        assertThat(options.tmpdir()).isEqualTo(Path.of("/c"));
        assertThat(options.value("--interval")).isEqualTo(Optional.of(""));
        assertThat(parse("--tmpdir=/a=b").tmpdir()).isEqualTo(Path.of("/a=b"));
    }

    @Test
    void verbosity_adds() throws Exception {
        assertThat(parse("-v", "-v").verbosity()).isEqualTo(2);
        assertThat(parse("-q").verbosity()).isEqualTo(-1);
        assertThat(parse("-v", "-q").verbosity()).isZero();
    }

    @Test
    void wrongCommandLines_exit124_andSayWhy() {
        assertThat(ended("--nonsense").code()).isEqualTo(124);
        assertThat(ended("--nonsense")).hasMessageContaining("unknown option '--nonsense'");
        assertThat(ended("word")).hasMessageContaining("'word'");
        assertThat(ended("--interval").code()).isEqualTo(124);
        assertThat(ended("--interval")).hasMessageContaining("needs a value");
        assertThat(ended("")).hasMessageContaining("unknown option ''");
    }

    @Test
    void numbers_areChecked() throws Exception {
        for (String wrong : List.of("", "x", "-1", "1.5", "9999999999", "1e3")) {
            Options options = parse("--interval=" + wrong);
            Options.Ended ended =
                    catchThrowableOfType(
                            Options.Ended.class, () -> options.number("--interval", 10));
            assertThat(ended.code()).isEqualTo(124);
            assertThat(ended).hasMessageContaining("--interval").hasMessageContaining(wrong);
        }
        assertThat(parse("--interval=999999999").number("--interval", 1)).isEqualTo(999_999_999);
    }

    @Test
    void flagWithAValue_isRefused() {
        assertThat(ended("--flag=yes").code()).isEqualTo(124);
        assertThat(ended("--flag=yes")).hasMessageContaining("takes no value");
    }

    @Test
    void help_namesEveryOption_andExits0() {
        Options.Ended help = ended("--help", "--flag");
        assertThat(help.code()).isZero();
        assertThat(help)
                .hasMessageContaining("--interval=SECONDS")
                .hasMessageContaining("--flag")
                .hasMessageContaining("--tmpdir=DIR")
                .hasMessageContaining("--systemd-socket-activation")
                .hasMessageContaining("-q");
        assertThat(ended("--version").code()).isZero();
        assertThat(ended("--version")).hasMessageStartingWith("vmm-test ");
    }
}
