package vmm.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import vmm.core.Resources.PolicyChange;
import vmm.core.Resources.Taken;

/** The tree against a slow model that adds everything up anew, under random operations. */
class ResourcesModelTest {
    private static final int STEPS = 20_000;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Map<Path, Policy> policies = new TreeMap<>();
    private final Map<Name, Claim> claims = new TreeMap<>();
    private final Map<Name, Long> blocks = new TreeMap<>();

    @Test
    void tree_agreesWithTheModel_afterEveryRandomStep() {
        Resources tree = Resources.EMPTY;
        int accepted = 0;
        for (int step = 0; step < STEPS; step++) {
            Resources before = tree;
            tree =
                    switch (random.nextInt(7)) {
                        case 0, 1 -> addPolicy(tree);
                        case 2 -> removePolicy(tree);
                        case 3 -> claim(tree);
                        case 4 -> release(tree);
                        case 5 -> addBlock(tree);
                        default -> removeBlock(tree);
                    };
            accepted += tree.equals(before) ? 0 : 1;
            checkSums(tree, step);
        }
        assertThat(accepted).as("seed %d", seed).isGreaterThan(STEPS / 10);
    }

    private Resources addPolicy(Resources tree) {
        Path path = path();
        Policy policy = policy();
        boolean fits =
                policy.unusable().isEmpty()
                        && policies.entrySet().stream().allMatch(e -> ordered(path, policy, e))
                        && fits(policy, path);
        return switch (tree.addPolicy(path, policy)) {
            case PolicyChange.Added(var next) -> {
                assertThat(fits).as("seed %d: %s at %s", seed, policy, path).isTrue();
                policies.put(path, policy);
                yield next;
            }
            case PolicyChange.Unchanged() -> {
                assertThat(policies.get(path)).isEqualTo(policy);
                yield tree;
            }
            case PolicyChange.Refused(var why) -> {
                assertThat(fits).as("seed %d: %s", seed, why).isFalse();
                yield tree;
            }
        };
    }

    private static boolean ordered(Path path, Policy policy, Map.Entry<Path, Policy> other) {
        if (other.getKey().equals(path)) {
            return true;
        }
        return (!other.getKey().contains(path) || policy.exceeds(other.getValue()).isEmpty())
                && (!path.contains(other.getKey()) || other.getValue().exceeds(policy).isEmpty());
    }

    private boolean fits(Policy policy, Path path) {
        return claimsBelow(path).count() <= policy.unikernels()
                && memory(path) <= policy.memoryMiB()
                && block(path) <= policy.blockMiB().orElse(0)
                && claimsBelow(path).allMatch(c -> allowed(policy, c));
    }

    private static boolean allowed(Policy policy, Claim claim) {
        return policy.cpuids().containsAll(claim.cpuids())
                && policy.bridges().containsAll(claim.bridges());
    }

    private Resources removePolicy(Resources tree) {
        Path path = path();
        var removed = tree.removePolicy(path);
        assertThat(removed.isPresent()).isEqualTo(policies.remove(path) != null);
        return removed.orElse(tree);
    }

    private Resources claim(Resources tree) {
        Name name = name("u");
        List<Label> devices =
                random.nextInt(3) == 0 ? List.of(Label.of("b" + random.nextInt(3))) : List.of();
        var claim =
                new Claim(
                        new TreeSet<>(List.of((long) random.nextInt(4))),
                        random.nextInt(60),
                        new TreeSet<>(
                                random.nextBoolean()
                                        ? List.of("br" + random.nextInt(3))
                                        : List.of()),
                        devices);
        boolean fits =
                claim.memoryMiB() > 0
                        && !claims.containsKey(name)
                        && devices.stream().allMatch(d -> free(name, d))
                        && policies.entrySet().stream()
                                .filter(e -> e.getKey().contains(name.path()))
                                .allMatch(e -> fitsToo(e.getKey(), e.getValue(), claim));
        return switch (tree.claim(name, claim)) {
            case Taken.Of(var next) -> {
                assertThat(fits).as("seed %d: %s for %s", seed, claim, name).isTrue();
                claims.put(name, claim);
                yield next;
            }
            case Taken.Refused(var why) -> {
                assertThat(fits).as("seed %d: %s", seed, why).isFalse();
                yield tree;
            }
        };
    }

    private boolean free(Name unikernel, Label device) {
        return blocks.containsKey(unikernel.sibling(device))
                && claims.entrySet().stream()
                        .noneMatch(
                                e ->
                                        e.getKey().path().equals(unikernel.path())
                                                && e.getValue().blocks().contains(device));
    }

    private boolean fitsToo(Path path, Policy policy, Claim claim) {
        return claimsBelow(path).count() < policy.unikernels()
                && memory(path) + claim.memoryMiB() <= policy.memoryMiB()
                && allowed(policy, claim);
    }

    private Resources release(Resources tree) {
        Name name = name("u");
        claims.remove(name);
        return tree.release(name);
    }

    private Resources addBlock(Resources tree) {
        Name name = name("b");
        long size = random.nextInt(8);
        boolean fits =
                size > 0
                        && !blocks.containsKey(name)
                        && policies.entrySet().stream()
                                .filter(e -> e.getKey().contains(name.path()))
                                .allMatch(
                                        e ->
                                                block(e.getKey()) + size
                                                        <= e.getValue().blockMiB().orElse(-1));
        return switch (tree.addBlock(name, size)) {
            case Taken.Of(var next) -> {
                assertThat(fits).as("seed %d: %d MB for %s", seed, size, name).isTrue();
                blocks.put(name, size);
                yield next;
            }
            case Taken.Refused(var why) -> {
                assertThat(fits).as("seed %d: %s", seed, why).isFalse();
                yield tree;
            }
        };
    }

    private Resources removeBlock(Resources tree) {
        Name name = name("b");
        boolean removable =
                blocks.containsKey(name)
                        && claims.entrySet().stream()
                                .noneMatch(
                                        e ->
                                                e.getKey().path().equals(name.path())
                                                        && e.getValue()
                                                                .blocks()
                                                                .contains(
                                                                        name.label()
                                                                                .orElseThrow()));
        return switch (tree.removeBlock(name)) {
            case Taken.Of(var next) -> {
                assertThat(removable).as("seed %d: %s", seed, name).isTrue();
                blocks.remove(name);
                yield next;
            }
            case Taken.Refused(_) -> {
                assertThat(removable).as("seed %d: %s", seed, name).isFalse();
                yield tree;
            }
        };
    }

    private void checkSums(Resources tree, int step) {
        Path path = path();
        assertThat(tree.used(path))
                .as("seed %d, step %d, path %s", seed, step, path)
                .isEqualTo(new Usage(claimsBelow(path).count(), memory(path), block(path)));
        assertThat(tree.policiesBelow(Path.ROOT)).as("seed %d", seed).isEqualTo(policies);
        assertThat(tree.blocksBelow(Path.ROOT).keySet())
                .as("seed %d", seed)
                .isEqualTo(blocks.keySet());
    }

    private Stream<Claim> claimsBelow(Path path) {
        return claims.entrySet().stream()
                .filter(e -> path.contains(e.getKey().path()))
                .map(Map.Entry::getValue);
    }

    private long memory(Path path) {
        return claimsBelow(path).mapToLong(Claim::memoryMiB).sum();
    }

    private long block(Path path) {
        return blocks.entrySet().stream()
                .filter(e -> path.contains(e.getKey().path()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private Path path() {
        Path path = Path.ROOT;
        for (int depth = random.nextInt(4); depth > 0; depth--) {
            path = path.child(Label.of(random.nextBoolean() ? "x" : "y"));
        }
        return path;
    }

    private Name name(String prefix) {
        return Name.of(path(), Label.of(prefix + random.nextInt(3)));
    }

    private Policy policy() {
        return Policy.of(
                random.nextInt(3) == 0 ? List.of(0L, 1L) : List.of(0L, 1L, 2L, 3L),
                random.nextInt(12),
                random.nextInt(400),
                random.nextInt(4) == 0 ? OptionalLong.empty() : OptionalLong.of(random.nextInt(40)),
                random.nextInt(3) == 0 ? List.of("br0") : List.of("br0", "br1", "br2"));
    }
}
