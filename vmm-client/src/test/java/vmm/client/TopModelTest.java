package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.core.Typ;
import vmm.core.UnikernelInfo;
import vmm.wire.Success;

class TopModelTest {
    private static final Instant NOW = Instant.parse("2026-03-12T12:00:00Z");
    private static final long SECOND = 1_000_000_000L;

    static Success.Named<UnikernelInfo> info(String name, Instant started) {
        var info =
                new UnikernelInfo(
                        Typ.SOLO5,
                        OptionalLong.empty(),
                        FailBehaviour.QUIT,
                        new TreeSet<>(List.of(0L)),
                        32,
                        Bytes.EMPTY,
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.of(started),
                        1,
                        Optional.empty());
        return new Success.Named<>(Name.parse(name), info);
    }

    private static Sample sample(long cpuSeconds, long pages, long sent) {
        var time = new Sample.Time(cpuSeconds, 0);
        var use =
                new Sample.ResourceUse(
                        time, Sample.Time.ZERO, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        var memory = new Sample.Memory(0, pages, 0, 0, 0, 0, 0, Sample.Time.ZERO);
        var tap = new Sample.Interface("b", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sent, 0, 0, 0, 0, 0);
        return new Sample(use, List.of(tap), Optional.empty(), Optional.of(memory));
    }

    /** Busy uses most CPU, large most memory, chatty sends most, and again has been restarted. */
    private static TopModel host() {
        var model = new TopModel();
        Instant started = NOW.minusSeconds(100);
        model.infos(
                List.of(
                        info("busy", started),
                        info("large", started.plusSeconds(1)),
                        info("chatty", started.plusSeconds(2)),
                        info("again", started.minusSeconds(3))));
        model.infos(
                List.of(
                        info("busy", started),
                        info("large", started.plusSeconds(1)),
                        info("chatty", started.plusSeconds(2)),
                        info("again", started.plusSeconds(90))));
        for (long second = 0; second <= 10; second += 10) {
            model.sample(Name.parse("busy"), sample(second / 2, 10, 0), second * SECOND);
            model.sample(Name.parse("large"), sample(0, 5000, 0), second * SECOND);
            model.sample(Name.parse("chatty"), sample(0, 10, second << 20), second * SECOND);
        }
        return model;
    }

    private static List<String> names(TopModel model) {
        return model.picture(new Screen.Size(24, 80), NOW, false)
                .lines()
                .skip(2)
                .map(line -> line.split(" ", 2)[0])
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"c,busy", "m,large", "w,chatty", "r,again", "n,again", "u,busy"})
    void key_sortsByWhatItStandsFor_andTheOtherWayRoundWhenPressedAgain(char key, String first) {
        TopModel model = host();
        model.sort = key == 'n' ? TopModel.Sort.up : TopModel.Sort.name;
        model.pressed(key);
        List<String> sorted = names(model);
        assertThat(sorted).hasSize(4).startsWith(":" + first);
        model.pressed(key);
        assertThat(names(model)).isNotEqualTo(sorted);
        if (key == 'n') {
            assertThat(names(model)).isEqualTo(sorted.reversed());
        }
    }

    @Test
    void picture_showsRatesAndRestarts() {
        TopModel model = host();
        String shown = model.picture(new Screen.Size(24, 120), NOW, false);
        assertThat(shown)
                .startsWith("vmm top  12:00:00  4 unikernels  CPU 50.0 %  RSS 19.6 MiB  by cpu\n")
                .containsPattern("busy +50.0 +40.0 KiB +32 MiB +0 B +0 B +0 +1 min 40 s")
                .containsPattern("chatty +0.0 +40.0 KiB +32 MiB +1.0 MiB +0 B +0 +1 min 38 s")
                .containsPattern("again +- +- +32 MiB +- +- +1 +10 s");
    }

    @ParameterizedTest
    @CsvSource({"24,80", "50,200", "5,20", "10,99"})
    void picture_fitsTheScreen(int lines, int columns) {
        TopModel model = host();
        var many = new java.util.ArrayList<Success.Named<UnikernelInfo>>();
        for (int i = 0; i < 100; i++) {
            String path = String.join(":", Collections.nCopies(4, "a".repeat(50)));
            many.add(info(path + ":u" + i, NOW));
        }
        model.infos(many);
        String shown = model.picture(new Screen.Size(lines, columns), NOW, false);
        assertThat(shown.lines().count()).isLessThan(lines);
        assertThat(shown.lines()).allMatch(line -> line.length() <= columns);
        assertThat(shown).doesNotContain("\033");
    }
}
