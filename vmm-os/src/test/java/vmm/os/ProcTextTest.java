package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProcTextTest {
    private static final String FIELDS =
            " 1 1 1 0 -1 4194560 711 0 12 0 104 33 5 6 20 0 3 0 8437 19402752 401 18446744073709551615 1 1 0\n";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ProcText.Stat stat(String text) {
        return java.util.Objects.requireNonNull(ProcText.stat(bytes(text), text.length()));
    }

    @Test
    void stat_isRead_whateverTheProgramIsCalled() {
        for (String name :
                new String[] {"(solo5-hvt)", "(a) R (b)", "()", "( )) Z 1 2)", "(é\n)"}) {
            assertThat(stat("4702 " + name + " S" + FIELDS))
                    .as(name)
                    .isEqualTo(new ProcText.Stat('S', 711, 12, 104, 33, 8437, 19_402_752, 401));
        }
    }

    @Test
    void stat_isAbsent_whereItIsCutOff() {
        String whole = "1 (a) S" + FIELDS;
        for (int length = 0; length < whole.indexOf("401"); length++) {
            assertThat(ProcText.stat(bytes(whole), length)).as("%s bytes", length).isNull();
        }
    }

    @Test
    void stat_tellsTheEnd() {
        assertThat(stat("1 (a) Z" + FIELDS).ended()).isTrue();
        assertThat(stat("1 (a) X" + FIELDS).ended()).isTrue();
        assertThat(stat("1 (a) D" + FIELDS).ended()).isFalse();
    }

    @Test
    void status_isAbsent_whereTheProcessHasNoMemoryAnyMore() {
        String zombie =
                """
                Name:	x
                State:	Z (zombie)
                voluntary_ctxt_switches:	3
                nonvoluntary_ctxt_switches:	2
                """;
        assertThat(ProcText.status(bytes(zombie), zombie.length())).isNull();
        String alive = "VmPeak:\t 9 kB\nVmHWM:\t    1568 kB\nVmRSS:\t 1500 kB\n" + zombie;
        assertThat(ProcText.status(bytes(alive), alive.length()))
                .isEqualTo(new ProcText.Status(1568, 1500, 3, 2));
    }

    @Test
    void io_tellsCallsAndDisksApart() {
        String io =
                """
                rchar: 1
                wchar: 2
                syscr: 3
                syscw: 4
                read_bytes: 5
                write_bytes: 6
                cancelled_write_bytes: 7
                """;
        assertThat(ProcText.io(bytes(io), io.length())).isEqualTo(new ProcText.Io(1, 2, 5, 6));
        assertThat(ProcText.io(bytes(io), 20)).isNull();
    }

    @Test
    void statm_needsSevenNumbers() {
        String text = "4737 401 380 5 0 44 0\n";
        assertThat(ProcText.statm(bytes(text), text.length())).isEqualTo(new ProcText.Statm(5, 44));
        assertThat(ProcText.statm(bytes("0 0\n"), 4)).isNull();
    }

    @Test
    void uptime_isInMilliseconds() {
        assertThat(ProcText.uptimeMillis(bytes("123.45 9.0\n"), 11)).isEqualTo(123_450);
        assertThat(ProcText.uptimeMillis(bytes("7 9\n"), 4)).isEqualTo(7_000);
        assertThat(ProcText.uptimeMillis(bytes("x"), 1)).isEqualTo(-1);
    }
}
