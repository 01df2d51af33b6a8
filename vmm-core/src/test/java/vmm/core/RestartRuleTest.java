package vmm.core;

import static org.assertj.core.api.Assertions.assertThat;
import static vmm.core.RestartRule.Verdict.START_AGAIN;
import static vmm.core.RestartRule.Verdict.START_WITHOUT_NAME;
import static vmm.core.RestartRule.Verdict.STAY_DOWN;

import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RestartRuleTest {
    private static final FailBehaviour CODES =
            new FailBehaviour.Restart(new TreeSet<>(List.of(0L, 1L, 2L, 42L, 62L, 255L)));

    @Test
    void verdict_isTheTableOfAlbatross_forAllCodesAndBehaviours() {
        for (int code = 0; code < 256; code++) {
            boolean isFinal = code == 1 || (code >= 60 && code <= 64);
            var exit = new ExitStatus.Exited(code);
            assertThat(RestartRule.verdict(exit, FailBehaviour.QUIT, false)).isEqualTo(STAY_DOWN);
            assertThat(RestartRule.verdict(exit, FailBehaviour.RESTART, false))
                    .isEqualTo(isFinal ? STAY_DOWN : START_AGAIN);
            boolean listed = List.of(0, 2, 42, 255).contains(code);
            assertThat(RestartRule.verdict(exit, CODES, false))
                    .isEqualTo(listed ? START_AGAIN : STAY_DOWN);
        }
    }

    @Test
    void verdict_isToDropTheName_onlyWhereItWasGiven() {
        var refused = new ExitStatus.Exited(64);
        assertThat(RestartRule.verdict(refused, FailBehaviour.QUIT, true))
                .isEqualTo(START_WITHOUT_NAME);
        assertThat(RestartRule.verdict(refused, FailBehaviour.RESTART, false)).isEqualTo(STAY_DOWN);
    }

    @Test
    void verdict_isToStayDown_afterASignal() {
        for (ExitStatus how :
                List.of(
                        new ExitStatus.Signalled(9),
                        new ExitStatus.OutOfMemory(),
                        new ExitStatus.Unknown())) {
            assertThat(RestartRule.verdict(how, FailBehaviour.RESTART, true)).isEqualTo(STAY_DOWN);
        }
    }

    @Test
    void backOff_doublesTo60Seconds_andNoFurther() {
        assertThat(RestartRule.backOff(1)).isEqualTo(Duration.ofMillis(100));
        assertThat(RestartRule.backOff(2)).isEqualTo(Duration.ofMillis(200));
        assertThat(RestartRule.backOff(10)).isEqualTo(Duration.ofMillis(51_200));
        assertThat(RestartRule.backOff(11)).isEqualTo(Duration.ofSeconds(60));
        assertThat(RestartRule.backOff(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(60));
    }
}
