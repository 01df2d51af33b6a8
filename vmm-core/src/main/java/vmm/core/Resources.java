package vmm.core;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The resource tree: who may use what, and who does (BEHAVIOUR 5).
 *
 * <p>Immutable. Sums are kept per node, so a check costs time in the depth of a name and not in the
 * number of unikernels, and the policy of <em>every</em> ancestor counts.
 */
public final class Resources {
    /**
     * A block device.
     *
     * @param usedBy the unikernel that has it, if any
     */
    public record BlockState(long sizeMiB, Optional<Name> usedBy) {}

    /** What became of a wish. */
    public sealed interface Taken {
        record Of(Resources resources) implements Taken {}

        record Refused(String why) implements Taken {}
    }

    /** What became of a policy that was to be added. */
    public sealed interface PolicyChange {
        record Added(Resources resources) implements PolicyChange {}

        record Unchanged() implements PolicyChange {}

        record Refused(String why) implements PolicyChange {}
    }

    /** No policy, no unikernel, no block device. */
    public static final Resources EMPTY = new Resources(ResourceNode.EMPTY);

    private final ResourceNode root;

    private Resources(ResourceNode root) {
        this.root = root;
    }

    // Policies

    /** The policy at exactly {@code path}. */
    public Optional<Policy> policy(Path path) {
        return node(path).flatMap(ResourceNode::policy);
    }

    /** All policies at and below {@code path}. */
    public SortedMap<Path, Policy> policiesBelow(Path path) {
        var found = new TreeMap<Path, Policy>();
        node(path)
                .ifPresent(
                        n -> n.visit(path, (at, x) -> x.policy().ifPresent(p -> found.put(at, p))));
        return found;
    }

    /** Adds or replaces the policy at {@code path}, if it fits above, below and to what runs. */
    public PolicyChange addPolicy(Path path, Policy policy) {
        if (policy(path).equals(Optional.of(policy))) {
            return new PolicyChange.Unchanged();
        }
        Optional<String> why =
                policy.unusable()
                        .or(() -> exceedsAbove(path, policy))
                        .or(() -> exceededBelow(path, policy))
                        .or(() -> exceededByUse(path, policy));
        return why.<PolicyChange>map(PolicyChange.Refused::new)
                .orElseGet(() -> new PolicyChange.Added(withPolicy(path, policy)));
    }

    /** With this policy, whatever else there is: for what was acknowledged before. */
    public Resources withPolicy(Path path, Policy policy) {
        return at(path, node -> node.withPolicy(Optional.of(policy)));
    }

    /** Without the policy at {@code path}; empty if there is none. */
    public Optional<Resources> removePolicy(Path path) {
        return policy(path).map(_ -> at(path, node -> node.withPolicy(Optional.empty())));
    }

    private Optional<String> exceedsAbove(Path path, Policy policy) {
        for (Ancestor above : ancestors(path)) {
            if (above.path().depth() == path.depth()) {
                continue;
            }
            Optional<String> why = policy.exceeds(above.policy());
            if (why.isPresent()) {
                return why.map(w -> w + " (policy of " + above.path() + ")");
            }
        }
        return Optional.empty();
    }

    private Optional<String> exceededBelow(Path path, Policy policy) {
        for (var below : policiesBelow(path).entrySet()) {
            if (below.getKey().equals(path)) {
                continue;
            }
            Optional<String> why = below.getValue().exceeds(policy);
            if (why.isPresent()) {
                return why.map(w -> "the policy of " + below.getKey() + " is larger: " + w);
            }
        }
        return Optional.empty();
    }

    private Optional<String> exceededByUse(Path path, Policy policy) {
        Optional<ResourceNode> node = node(path);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        Usage used = node.get().total();
        Optional<String> why = overuse(policy, used).or(() -> overuseOfBlocks(policy, used));
        if (why.isPresent()) {
            return why.map(w -> w + " already in use at and below " + path);
        }
        return node.get().claims().stream()
                .flatMap(claim -> forbidden(policy, claim).stream())
                .findFirst()
                .map(w -> w + " in use at or below " + path);
    }

    // Unikernels

    /** Takes what a unikernel needs, if every policy from the root down to its path allows it. */
    public Taken claim(Name unikernel, Claim claim) {
        Optional<String> why =
                claimOf(unikernel)
                        .map(_ -> unikernel + " has its resources already")
                        .or(() -> absurd(claim))
                        .or(() -> refusedByPolicies(unikernel.path(), claim))
                        .or(() -> blocksMissing(unikernel, claim));
        return why.<Taken>map(Taken.Refused::new)
                .orElseGet(() -> new Taken.Of(withClaim(unikernel, claim)));
    }

    /** With this claim, whatever the policies say: for what runs already. */
    public Resources withClaim(Name unikernel, Claim claim) {
        return at(unikernel.path(), node -> node.withClaim(unikernel, Optional.of(claim)));
    }

    /** Gives back what the unikernel had taken; the same tree if it had nothing. */
    public Resources release(Name unikernel) {
        return claimOf(unikernel).isEmpty()
                ? this
                : at(unikernel.path(), node -> node.withClaim(unikernel, Optional.empty()));
    }

    /** What the unikernel has taken. */
    public Optional<Claim> claimOf(Name unikernel) {
        return node(unikernel.path()).flatMap(node -> node.claim(label(unikernel)));
    }

    /** What is used at and below {@code path}. */
    public Usage used(Path path) {
        return node(path).map(ResourceNode::total).orElse(Usage.NONE);
    }

    private static Optional<String> absurd(Claim claim) {
        if (claim.memoryMiB() <= 0) {
            return Optional.of(
                    "a unikernel needs memory: " + claim.memoryMiB() + " MB were asked for");
        }
        if (claim.cpuids().stream().anyMatch(id -> id < 0)) {
            return Optional.of("a CPU id must not be negative");
        }
        return Optional.empty();
    }

    private Optional<String> refusedByPolicies(Path path, Claim claim) {
        for (Ancestor above : ancestors(path)) {
            Optional<String> why =
                    overuse(above.policy(), above.used().plus(claim.usage()))
                            .map(w -> w + " would be in use")
                            .or(() -> forbidden(above.policy(), claim));
            if (why.isPresent()) {
                return why.map(w -> "refused by the policy of " + above.path() + " (" + w + ")");
            }
        }
        return Optional.empty();
    }

    private Optional<String> blocksMissing(Name unikernel, Claim claim) {
        var seen = new HashSet<Label>();
        for (Label device : claim.blocks()) {
            Name name = unikernel.sibling(device);
            Optional<BlockState> block = block(name);
            if (block.isEmpty()) {
                return Optional.of(
                        "block device " + name + " not found: make it with create-block first");
            }
            if (!seen.add(device)) {
                return Optional.of("block device " + name + " is asked for twice");
            }
            Optional<Name> user = block.get().usedBy();
            if (user.isPresent()) {
                return Optional.of("block device " + name + " is in use by " + user.get());
            }
        }
        return Optional.empty();
    }

    // Block devices

    public Optional<BlockState> block(Name device) {
        return node(device.path()).flatMap(node -> node.block(label(device)));
    }

    /** All block devices at and below {@code path}. */
    public SortedMap<Name, BlockState> blocksBelow(Path path) {
        var found = new TreeMap<Name, BlockState>();
        node(path)
                .ifPresent(
                        n ->
                                n.visit(
                                        path,
                                        (at, x) ->
                                                x.blocks()
                                                        .forEach(
                                                                (label, block) ->
                                                                        found.put(
                                                                                Name.of(at, label),
                                                                                block))));
        return found;
    }

    /** Takes {@code sizeMiB} for a new device, if every policy from the root down allows it. */
    public Taken addBlock(Name device, long sizeMiB) {
        if (sizeMiB <= 0) {
            return new Taken.Refused("a block device has at least 1 MB");
        }
        if (block(device).isPresent()) {
            return new Taken.Refused("block device with same name already exists");
        }
        for (Ancestor above : ancestors(device.path())) {
            OptionalLong allowed = above.policy().blockMiB();
            long wanted = Usage.saturated(above.used().blockMiB(), sizeMiB);
            if (allowed.isEmpty()) {
                return new Taken.Refused(
                        "the policy of " + above.path() + " allows no block devices");
            }
            if (wanted > allowed.getAsLong()) {
                return new Taken.Refused(
                        "refused by the policy of "
                                + above.path()
                                + " (it allows "
                                + allowed.getAsLong()
                                + " MB block storage, "
                                + above.used().blockMiB()
                                + " MB are in use and "
                                + sizeMiB
                                + " MB were asked for)");
            }
        }
        return new Taken.Of(withBlock(device, sizeMiB));
    }

    /** With this device, whatever the policies say: for one that is on the disk already. */
    public Resources withBlock(Name device, long sizeMiB) {
        var block = new BlockState(sizeMiB, Optional.empty());
        return at(device.path(), node -> node.withBlock(label(device), Optional.of(block)));
    }

    public Taken removeBlock(Name device) {
        Optional<BlockState> block = block(device);
        if (block.isEmpty()) {
            return new Taken.Refused("not found");
        }
        if (block.get().usedBy().isPresent()) {
            return new Taken.Refused("is in use");
        }
        return new Taken.Of(
                at(device.path(), node -> node.withBlock(label(device), Optional.empty())));
    }

    // The tree

    /** A policy on the way from the root, and what is used at and below its path. */
    private record Ancestor(Path path, Policy policy, Usage used) {}

    private List<Ancestor> ancestors(Path path) {
        var found = new java.util.ArrayList<Ancestor>();
        Optional<ResourceNode> node = Optional.of(root);
        for (int depth = 0; node.isPresent(); depth++) {
            ResourceNode here = node.get();
            Path at = new Path(path.labels().subList(0, depth));
            here.policy().ifPresent(p -> found.add(new Ancestor(at, p, here.total())));
            node = depth < path.depth() ? here.child(path.labels().get(depth)) : Optional.empty();
        }
        return found;
    }

    private static Optional<String> overuse(Policy policy, Usage used) {
        if (used.unikernels() > policy.unikernels()) {
            return Optional.of(
                    "it allows " + policy.unikernels() + " unikernels, " + used.unikernels());
        }
        if (used.memoryMiB() > policy.memoryMiB()) {
            return Optional.of(
                    "it allows " + policy.memoryMiB() + " MB memory, " + used.memoryMiB() + " MB");
        }
        return Optional.empty();
    }

    private static Optional<String> overuseOfBlocks(Policy policy, Usage used) {
        long allowed = policy.blockMiB().orElse(0);
        return used.blockMiB() > allowed
                ? Optional.of(
                        "it allows " + allowed + " MB block storage, " + used.blockMiB() + " MB")
                : Optional.empty();
    }

    private static Optional<String> forbidden(Policy policy, Claim claim) {
        if (!policy.cpuids().containsAll(claim.cpuids())) {
            return Optional.of(
                    "it does not allow the CPU ids "
                            + Policy.join(Policy.without(claim.cpuids(), policy.cpuids())));
        }
        if (!policy.bridges().containsAll(claim.bridges())) {
            return Optional.of(
                    "it does not allow the bridges "
                            + Policy.join(Policy.without(claim.bridges(), policy.bridges()))
                            + " (available: "
                            + Policy.join(policy.bridges())
                            + ")");
        }
        return Optional.empty();
    }

    private Optional<ResourceNode> node(Path path) {
        Optional<ResourceNode> node = Optional.of(root);
        for (Label label : path.labels()) {
            node = node.flatMap(n -> n.child(label));
        }
        return node;
    }

    private Resources at(Path path, UnaryOperator<ResourceNode> change) {
        return new Resources(root.at(path.labels(), change));
    }

    private static Label label(Name name) {
        return name.label()
                .orElseThrow(() -> new IllegalArgumentException("'" + name + "' is a path"));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Resources that && root.equals(that.root);
    }

    @Override
    public int hashCode() {
        return root.hashCode();
    }

    @Override
    public String toString() {
        return "Resources" + root;
    }
}
