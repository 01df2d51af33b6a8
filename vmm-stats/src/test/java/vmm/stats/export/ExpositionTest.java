package vmm.stats.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.pcollections.HashTreePMap;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.stats.core.Facts;
import vmm.stats.core.Newest;

class ExpositionTest {
    private static final Newest NOBODY = new Newest(List.of(), HashTreePMap.empty(), 0, 0, 0);

    private static String text(Facts facts) throws IOException {
        var out = new ByteArrayOutputStream();
        Exposition.write(out, "", NOBODY, facts, true);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Facts.Unikernel unikernel(String name, long memory) {
        return new Facts.Unikernel(Name.parse(name), "solo5", "00", memory, true);
    }

    @Test
    void useOfAPolicy_isTheSumOfAllBelowIt() throws IOException {
        var policy = Policy.of(List.of(0L), 2, 64, OptionalLong.empty(), List.of());
        var facts =
                new Facts(
                        List.of(
                                new Facts.Limit(Path.of("a"), policy),
                                new Facts.Limit(Path.of("a", "b"), policy)),
                        List.of(unikernel("a:x", 16), unikernel("a:b:y", 8), unikernel("c:z", 4)),
                        List.of(new Facts.Device(Name.parse("a:b:data"), 3, true)),
                        List.of());
        assertThat(text(facts).lines())
                .contains(
                        "vmm_policy_unikernels{path=\"a:\"} 2",
                        "vmm_policy_unikernels{path=\"a:b:\"} 1",
                        "vmm_policy_memory_bytes{path=\"a:\"} " + (24L << 20),
                        "vmm_policy_block_bytes{path=\"a:\"} " + (3L << 20),
                        "vmm_block_device_active{path=\"a:b:\",device=\"data\"} 1");
    }

    @Test
    void unlimited_isInfinity() throws IOException {
        var policy =
                Policy.of(List.of(0L), Policy.UNLIMITED, 64, OptionalLong.of(1L << 60), List.of());
        var facts =
                new Facts(
                        List.of(new Facts.Limit(Path.ROOT, policy)),
                        List.of(),
                        List.of(),
                        List.of());
        assertThat(text(facts).lines())
                .contains(
                        "vmm_policy_unikernels_limit{path=\":\"} +Inf",
                        "vmm_policy_block_limit_bytes{path=\":\"} +Inf");
    }

    @Test
    void waitForARestart_isTold() throws IOException {
        var facts =
                new Facts(
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(
                                new Facts.Doing(
                                        Name.parse("a:loop"),
                                        "waiting",
                                        7,
                                        "it exited with 2",
                                        Optional.of(Instant.ofEpochMilli(1_500)))));
        assertThat(text(facts).lines())
                .contains(
                        "vmm_unikernel_state{path=\"a:\",unikernel=\"loop\",state=\"waiting\"} 1",
                        "vmm_unikernel_failures{path=\"a:\",unikernel=\"loop\"} 7",
                        "vmm_unikernel_next_start_time_seconds{path=\"a:\",unikernel=\"loop\"}"
                                + " 1.5");
    }

    @Test
    void numbers_areWrittenAsTheyAre() {
        var out = new ByteArrayOutputStream();
        var text = new Text(out);
        text.add(0L).add(' ').add(Long.MAX_VALUE).add(' ').add(Long.MIN_VALUE).add(' ');
        text.addMicros(1_500_000).add(' ').addMicros(-7).add(' ').addMicros(3_000_000).add(' ');
        text.addEscaped("a\"b\\c\nd𝄞").flush();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "0 9223372036854775807 -9223372036854775808 1.5 -0.000007 3"
                                + " a\\\"b\\\\c\\nd𝄞");
    }

    @Test
    void text_isWhole_howeverLongItsPartsAre() {
        var out = new ByteArrayOutputStream();
        var text = new Text(out);
        var expected = new StringBuilder();
        for (int length : new int[] {70_000, 1, 65_535, 65_536, 65_537, 40_000, 30_000}) {
            String part = String.valueOf((char) ('a' + (length % 26))).repeat(length);
            text.add(part).add((long) length);
            expected.append(part).append(length);
        }
        text.flush();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(expected.toString());
    }
}
