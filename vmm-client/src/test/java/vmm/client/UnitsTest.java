package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnitsTest {
    @Test
    void quantities_readWell() {
        assertThat(Units.memory(32)).isEqualTo("32 MiB");
        assertThat(Units.memory(24_105)).isEqualTo("23.5 GiB");
        assertThat(Units.cpus(List.of())).isEqualTo("-");
        assertThat(Units.cpus(List.of(0L, 1L))).isEqualTo("0,1");
        assertThat(Units.cpus(List.of(0L, 2L, 3L, 4L, 9L))).isEqualTo("0,2-4,9");
        assertThat(Units.since(Duration.ofSeconds(-5))).isEqualTo("0 s");
        assertThat(Units.since(Duration.ofSeconds(3725))).isEqualTo("1 h 2 min");
    }

    @Test
    void text_cannotControlTheTerminal() {
        assertThat(Visible.text("plain\ttext ü €")).isEqualTo("plain\ttext ü €");
        assertThat(Visible.text("\033[2J")).isEqualTo("\\x1b[2J");
        assertThat(Visible.text("a\u202eb\udcffc\rd\r")).isEqualTo("a\\u{202e}b\\xffc\\x0dd");
    }
}
