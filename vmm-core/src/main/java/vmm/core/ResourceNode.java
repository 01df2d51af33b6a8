package vmm.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.pcollections.TreePMap;
import vmm.core.Resources.BlockState;

/**
 * One path of the resource tree.
 *
 * @param total what is used here and below: always the sum of this node's own and its children's
 */
record ResourceNode(
        Optional<Policy> policy,
        TreePMap<Label, Claim> unikernels,
        TreePMap<Label, BlockState> blocks,
        TreePMap<Label, ResourceNode> children,
        Usage total) {

    static final ResourceNode EMPTY =
            new ResourceNode(
                    Optional.empty(),
                    TreePMap.empty(),
                    TreePMap.empty(),
                    TreePMap.empty(),
                    Usage.NONE);

    Optional<ResourceNode> child(Label label) {
        return Optional.ofNullable(children.get(label));
    }

    Optional<Claim> claim(Label unikernel) {
        return Optional.ofNullable(unikernels.get(unikernel));
    }

    Optional<BlockState> block(Label device) {
        return Optional.ofNullable(blocks.get(device));
    }

    /** All claims here and below. */
    List<Claim> claims() {
        var all = new ArrayList<Claim>();
        visit(Path.ROOT, (_, node) -> all.addAll(node.unikernels.values()));
        return all;
    }

    void visit(Path at, BiConsumer<Path, ResourceNode> visitor) {
        visitor.accept(at, this);
        for (Map.Entry<Label, ResourceNode> child : children.entrySet()) {
            child.getValue().visit(at.child(child.getKey()), visitor);
        }
    }

    /** This node with {@code change} made to the one that {@code labels} lead to. */
    ResourceNode at(List<Label> labels, UnaryOperator<ResourceNode> change) {
        if (labels.isEmpty()) {
            return change.apply(this);
        }
        Label first = labels.getFirst();
        ResourceNode before = children.getOrDefault(first, EMPTY);
        ResourceNode after = before.at(labels.subList(1, labels.size()), change);
        return new ResourceNode(
                policy,
                unikernels,
                blocks,
                after.isBare() ? children.minus(first) : children.plus(first, after),
                total.minus(before.total).plus(after.total));
    }

    private boolean isBare() {
        return policy.isEmpty() && unikernels.isEmpty() && blocks.isEmpty() && children.isEmpty();
    }

    ResourceNode withPolicy(Optional<Policy> newPolicy) {
        return new ResourceNode(newPolicy, unikernels, blocks, children, total);
    }

    /** With the claim of {@code unikernel} set or taken away, and its devices marked or freed. */
    ResourceNode withClaim(Name unikernel, Optional<Claim> claim) {
        Label label = unikernel.label().orElseThrow();
        Optional<Claim> before = claim(label);
        var marked = blocks;
        for (Label device : before.map(Claim::blocks).orElse(List.of())) {
            marked = mark(marked, device, Optional.empty());
        }
        for (Label device : claim.map(Claim::blocks).orElse(List.of())) {
            marked = mark(marked, device, Optional.of(unikernel));
        }
        return new ResourceNode(
                policy,
                claim.map(c -> unikernels.plus(label, c)).orElseGet(() -> unikernels.minus(label)),
                marked,
                children,
                total.minus(before.map(Claim::usage).orElse(Usage.NONE))
                        .plus(claim.map(Claim::usage).orElse(Usage.NONE)));
    }

    private static TreePMap<Label, BlockState> mark(
            TreePMap<Label, BlockState> blocks, Label device, Optional<Name> user) {
        BlockState block = blocks.get(device);
        return block == null ? blocks : blocks.plus(device, new BlockState(block.sizeMiB(), user));
    }

    ResourceNode withBlock(Label device, Optional<BlockState> block) {
        return new ResourceNode(
                policy,
                unikernels,
                block.map(b -> blocks.plus(device, b)).orElseGet(() -> blocks.minus(device)),
                children,
                total.minus(size(block(device))).plus(size(block)));
    }

    private static Usage size(Optional<BlockState> block) {
        return block.map(b -> new Usage(0, 0, b.sizeMiB())).orElse(Usage.NONE);
    }
}
