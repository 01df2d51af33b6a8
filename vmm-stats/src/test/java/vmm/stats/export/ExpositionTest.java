package vmm.stats.export;

import static org.assertj.core.api.Assertions.assertThat;

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

    private static String text(Facts facts) {
        return new String(Exposition.of("", NOBODY, facts, true).toArray(), StandardCharsets.UTF_8);
    }

    private static Facts.Unikernel unikernel(String name, long memory) {
        return new Facts.Unikernel(Name.parse(name), "solo5", "00", memory, true);
    }

    @Test
    void useOfAPolicy_isTheSumOfAllBelowIt() {
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
    void unlimited_isInfinity() {
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
    void waitForARestart_isTold() {
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
        assertThat(
                        new Text(1)
                                .add(0L)
                                .add(' ')
                                .add(Long.MAX_VALUE)
                                .add(' ')
                                .add(Long.MIN_VALUE)
                                .add(' ')
                                .addMicros(1_500_000)
                                .add(' ')
                                .addMicros(-7)
                                .add(' ')
                                .addMicros(3_000_000)
                                .add(' ')
                                .addEscaped("a\"b\\c\nd𝄞"))
                .hasToString(
                        "0 9223372036854775807 -9223372036854775808 1.5 -0.000007 3"
                                + " a\\\"b\\\\c\\nd𝄞");
    }
}
