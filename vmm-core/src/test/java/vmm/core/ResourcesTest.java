package vmm.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import vmm.core.Resources.PolicyChange;
import vmm.core.Resources.Taken;

class ResourcesTest {
    private static final Path FOO = Path.of("foo");
    private static final Path BAR = Path.of("foo", "bar");
    private static final Path BAZ = Path.of("foo", "baz");

    private static Policy policy(long unikernels, long memory, long block) {
        return Policy.of(
                List.of(0L, 1L), unikernels, memory, OptionalLong.of(block), List.of("br0"));
    }

    private static Claim claim(long memory, Label... blocks) {
        return new Claim(new TreeSet<>(List.of(0L)), memory, new TreeSet<>(), List.of(blocks));
    }

    private static Resources added(Resources to, Path path, Policy policy) {
        return ((PolicyChange.Added) to.addPolicy(path, policy)).resources();
    }

    private static Resources taken(Taken taken) {
        return ((Taken.Of) taken).resources();
    }

    private static String refused(Taken taken) {
        return ((Taken.Refused) taken).why();
    }

    private static Resources delegated() {
        Resources root = Resources.EMPTY.withPolicy(Path.ROOT, policy(100, 10_000, 1_000));
        Resources alice = added(root, FOO, policy(2, 100, 10));
        return added(added(alice, BAR, policy(2, 100, 10)), BAZ, policy(2, 100, 10));
    }

    @Test
    void claim_isRefusedByTheAncestor_whereTheSumOfTheDelegatedExceedsIt() {
        Resources two =
                taken(
                        taken(delegated().claim(Name.parse("foo:bar:a"), claim(10)))
                                .claim(Name.parse("foo:baz:b"), claim(10)));
        assertThat(refused(two.claim(Name.parse("foo:c"), claim(10)))).contains("policy of foo:");
        assertThat(refused(two.claim(Name.parse("foo:bar:c"), claim(10))))
                .contains("policy of foo:");
        assertThat(two.used(FOO)).isEqualTo(new Usage(2, 20, 0));
    }

    @Test
    void claim_isRefused_whereMemoryIsAbsurd() {
        for (long memory : new long[] {0, -1, Long.MIN_VALUE, (1L << 62) - 1, Long.MAX_VALUE}) {
            assertThat(delegated().claim(Name.parse("foo:a"), claim(memory)))
                    .isInstanceOf(Taken.Refused.class);
        }
    }

    @Test
    void claim_isRefused_whereCpuOrBridgeIsNotAllowed() {
        var cpu = new Claim(new TreeSet<>(List.of(77L)), 10, new TreeSet<>(), List.of());
        assertThat(refused(delegated().claim(Name.parse("x"), cpu))).contains("CPU ids 77");
        var bridge =
                new Claim(new TreeSet<>(List.of(0L)), 10, new TreeSet<>(List.of("br9")), List.of());
        assertThat(refused(delegated().claim(Name.parse("x"), bridge)))
                .contains("bridges br9")
                .contains("br0");
    }

    @Test
    void blocks_areRefusedByTheAncestor_whereTheirSumExceedsIt() {
        Resources one = taken(delegated().addBlock(Name.parse("foo:bar:d"), 8));
        assertThat(refused(one.addBlock(Name.parse("foo:baz:d"), 8))).contains("policy of foo:");
        assertThat(refused(one.addBlock(Name.parse("foo:baz:d"), (1L << 62) - 1)))
                .contains("policy of");
        assertThat(one.addBlock(Name.parse("foo:baz:d"), 2)).isInstanceOf(Taken.Of.class);
    }

    @Test
    void block_isUsedByOne_andFreeAfterRelease() {
        Label disk = Label.of("disk");
        Name a = Name.parse("foo:a");
        Resources used =
                taken(taken(delegated().addBlock(Name.of(FOO, disk), 1)).claim(a, claim(1, disk)));
        assertThat(refused(used.claim(Name.parse("foo:b"), claim(1, disk)))).contains("in use");
        assertThat(refused(used.removeBlock(Name.of(FOO, disk)))).isEqualTo("is in use");
        assertThat(refused(used.claim(Name.parse("foo:b"), claim(1, Label.of("no")))))
                .contains("not found");
        Resources free = used.release(a);
        assertThat(taken(free.removeBlock(Name.of(FOO, disk)))).isEqualTo(delegated());
        assertThat(refused(delegated().removeBlock(Name.of(FOO, disk)))).isEqualTo("not found");
    }

    @Test
    void addPolicy_isUnchanged_whereItIsTheSame() {
        assertThat(delegated().addPolicy(FOO, policy(2, 100, 10)))
                .isEqualTo(new PolicyChange.Unchanged());
    }

    @Test
    void addPolicy_isRefused_whereItIsLargerThanOneAboveOrSmallerThanOneBelow() {
        assertThat(delegated().addPolicy(BAR, policy(3, 100, 10)))
                .isInstanceOf(PolicyChange.Refused.class);
        assertThat(delegated().addPolicy(FOO, policy(1, 100, 10)))
                .isInstanceOf(PolicyChange.Refused.class);
        assertThat(delegated().addPolicy(Path.of("x"), policy(0, 100, 10)))
                .isInstanceOf(PolicyChange.Refused.class);
    }

    @Test
    void addPolicy_isRefused_whereMoreRunsAlready() {
        Resources running =
                taken(
                        taken(delegated().claim(Name.parse("x:a"), claim(50)))
                                .claim(Name.parse("x:b"), claim(50)));
        assertThat(running.addPolicy(Path.of("x"), policy(1, 100, 10)))
                .isInstanceOf(PolicyChange.Refused.class);
        assertThat(running.addPolicy(Path.of("x"), policy(2, 99, 10)))
                .isInstanceOf(PolicyChange.Refused.class);
        assertThat(running.addPolicy(Path.of("x"), policy(2, 100, 10)))
                .isInstanceOf(PolicyChange.Added.class);
    }

    @Test
    void removePolicy_isEmpty_whereThereIsNone() {
        assertThat(delegated().removePolicy(Path.of("x"))).isEmpty();
        assertThat(delegated().removePolicy(BAR).orElseThrow().policiesBelow(FOO))
                .containsOnlyKeys(FOO, BAZ);
    }
}
