package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import vmm.os.CallTree.Step;

/** Filters, run as the kernel runs them (classic BPF over struct seccomp_data of x86-64). */
final class SeccompTest {
    private static final int X86_64 = 0xC000003E;
    private static final int I386 = 0x40000003;
    private static final int ALLOWED = 0x7fff0000;
    private static final int REFUSED = 0x00050001;
    private static final int NO_SUCH_CALL = 0x00050026;
    private static final int KILLED = 0x80000000;
    private static final int CALLS_MAX = 600;

    private static int answerOn(int architecture, Seccomp filter, int number, int... arguments) {
        List<Step> steps = filter.program();
        int loaded = 0;
        int at = 0;
        while (true) {
            Step step = steps.get(at);
            at++;
            boolean jump = false;
            switch (step.code()) {
                case 0x20 -> loaded = field(step.value(), architecture, number, arguments);
                case 0x54 -> loaded &= step.value();
                case 0x06 -> {
                    return step.value();
                }
                case 0x15 -> jump = loaded == step.value();
                case 0x35 -> jump = Integer.compareUnsigned(loaded, step.value()) >= 0;
                case 0x45 -> jump = (loaded & step.value()) != 0;
                default -> throw new AssertionError("unknown step " + step);
            }
            if (step.code() != 0x20 && step.code() != 0x54) {
                at += jump ? step.whenTrue() : step.whenFalse();
            }
        }
    }

    private static int field(int offset, int architecture, int number, int... arguments) {
        return switch (offset) {
            case 0 -> number;
            case 4 -> architecture;
            default -> {
                int argument = (offset - 16) / 8;
                boolean low = offset % 8 == 0;
                yield low && argument < arguments.length ? arguments[argument] : 0;
            }
        };
    }

    private static int answer(Seccomp filter, int number, int... arguments) {
        return answerOn(X86_64, filter, number, arguments);
    }

    private static List<Integer> refused(Seccomp filter) {
        return IntStream.range(0, CALLS_MAX)
                .filter(number -> answer(filter, number) != ALLOWED)
                .boxed()
                .toList();
    }

    @Test
    void program_refusesWhatReachesBeyondTheProcess_everyNumberAsked() {
        assertThat(refused(Seccomp.DEFAULT))
                .contains(101, 155, 161, 165, 166, 203, 272, 308, 310, 321, 425, 435, 448)
                .doesNotContain(0, 1, 41, 56, 57, 59, 60, 61, 231, 257, 317, 439, 449)
                .hasSize(71);
    }

    @Test
    void program_refusesSocketsToo_ofTenders() {
        assertThat(refused(Seccomp.TENDER))
                .containsAll(refused(Seccomp.DEFAULT))
                .contains(29, 42, 43, 50, 53, 54, 76, 77, 162, 220, 285, 288, 306, 307)
                .doesNotContain(45, 47, 51, 55);
    }

    @Test
    void program_allowsWhatTendersAskOfTheirTap_andNoOtherSocket() {
        int socket = 41;
        assertThat(answer(Seccomp.TENDER, socket, 16, 3 | 0x80000, 0)).isEqualTo(ALLOWED);
        assertThat(answer(Seccomp.TENDER, socket, 2, 2, 0)).isEqualTo(ALLOWED);
        assertThat(answer(Seccomp.TENDER, socket, 2, 1, 0)).isEqualTo(REFUSED);
        assertThat(answer(Seccomp.TENDER, socket, 2, 2, 17)).isEqualTo(REFUSED);
        assertThat(answer(Seccomp.TENDER, socket, 1, 1, 0)).isEqualTo(REFUSED);
        assertThat(answer(Seccomp.TENDER, 44, 0, 0, 0, 0, 0, 12)).isEqualTo(ALLOWED);
        assertThat(answer(Seccomp.TENDER, 44, 0, 0, 0, 0, 0, 16)).isEqualTo(REFUSED);
        assertThat(answer(Seccomp.TENDER, 49, 0, 0, 12)).isEqualTo(ALLOWED);
        assertThat(answer(Seccomp.TENDER, 49, 0, 0, 16)).isEqualTo(REFUSED);
    }

    @Test
    void program_looksAtArguments_ofCloneAndPersonality() {
        assertThat(answer(Seccomp.DEFAULT, 56, 0x4111)).isEqualTo(ALLOWED);
        assertThat(answer(Seccomp.DEFAULT, 56, 0x20000)).isEqualTo(REFUSED);
        assertThat(answer(Seccomp.DEFAULT, 435)).isEqualTo(NO_SUCH_CALL);
        assertThat(answer(Seccomp.DEFAULT, 135, -1)).isEqualTo(ALLOWED);
        assertThat(answer(Seccomp.DEFAULT, 135, 0x40000)).isEqualTo(REFUSED);
    }

    @Test
    void program_letsNobodyPassByNumbersOfAnotherTable_asX32AndI386() {
        for (Seccomp filter : Seccomp.values()) {
            assertThat(answer(filter, 0x40000000 | 165)).isEqualTo(NO_SUCH_CALL);
            assertThat(answer(filter, -1)).isEqualTo(NO_SUCH_CALL);
            assertThat(answerOn(I386, filter, 21)).isEqualTo(KILLED);
        }
    }
}
