package vmm.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import vmm.core.Bytes;
import vmm.core.Claim;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.core.Resources;
import vmm.core.Resources.Taken;
import vmm.core.UnikernelInfo;

/** One thing to be done so that there is what was declared. */
sealed interface Change {
    /**
     * A policy that is added or replaced.
     *
     * @param why what differs; empty for a new one
     */
    record Limits(Declared.Limit limit, List<String> why) implements Change {}

    /** A block device that is made. */
    record Makes(Declared.Device device) implements Change {}

    /**
     * A unikernel that is started, perhaps in place of another.
     *
     * @param why what differs; empty for a new one
     */
    record Starts(Declared.Unikernel unikernel, Bytes image, List<String> why) implements Change {}

    /** Something that nobody declares any more. */
    record Removes(Leftover leftover) implements Change {}

    /** What is removed, by what it is. */
    sealed interface Leftover {
        record Runs(Name name, UnikernelInfo info) implements Leftover {}

        record Device(Name name, long sizeMiB) implements Leftover {}

        record Limit(Path path, Policy policy) implements Leftover {}
    }

    /** The same resources with this done, or why it would be refused. */
    default Taken on(Resources tree) {
        return switch (this) {
            case Limits(var limit, _) ->
                    switch (tree.addPolicy(limit.path(), limit.policy())) {
                        case Resources.PolicyChange.Added(var next) -> new Taken.Of(next);
                        case Resources.PolicyChange.Unchanged() -> new Taken.Of(tree);
                        case Resources.PolicyChange.Refused(var why) -> new Taken.Refused(why);
                    };
            case Makes(var device) -> tree.addBlock(device.name(), device.sizeMiB());
            case Starts(var unikernel, _, _) ->
                    tree.release(unikernel.name())
                            .claim(unikernel.name(), Claim.of(unikernel.arguments()));
            case Removes(Leftover.Runs(var name, _)) -> new Taken.Of(tree.release(name));
            case Removes(Leftover.Device(var name, _)) -> tree.removeBlock(name);
            case Removes(Leftover.Limit(var path, _)) ->
                    new Taken.Of(tree.removePolicy(path).orElse(tree));
        };
    }

    default boolean isNew() {
        return switch (this) {
            case Limits(_, var why) -> why.isEmpty();
            case Makes _ -> true;
            case Starts(_, _, var why) -> why.isEmpty();
            case Removes _ -> false;
        };
    }

    default String kind() {
        return switch (this) {
            case Limits _, Removes(Leftover.Limit _) -> "policy";
            case Makes _, Removes(Leftover.Device _) -> "block";
            case Starts _, Removes(Leftover.Runs _) -> "unikernel";
        };
    }

    default Name name() {
        return switch (this) {
            case Limits(var limit, _) -> Name.of(limit.path());
            case Makes(var device) -> device.name();
            case Starts(var unikernel, _, _) -> unikernel.name();
            case Removes(Leftover.Runs(var name, _)) -> name;
            case Removes(Leftover.Device(var name, _)) -> name;
            case Removes(Leftover.Limit(var path, _)) -> Name.of(path);
        };
    }

    default String what() {
        return switch (this) {
            case Limits(var limit, var why) -> why.isEmpty() ? text(limit.policy()) : join(why);
            case Makes(var device) -> Units.memory(device.sizeMiB());
            case Starts(var unikernel, _, var why) ->
                    why.isEmpty() ? Units.memory(unikernel.arguments().memoryMiB()) : join(why);
            case Removes(Leftover.Runs(_, var info)) -> Units.memory(info.memoryMiB());
            case Removes(Leftover.Device(_, var size)) -> Units.memory(size) + " and what is on it";
            case Removes(Leftover.Limit(_, var policy)) -> text(policy);
        };
    }

    private static String join(List<String> why) {
        return String.join(", ", why);
    }

    private static String text(Policy policy) {
        return Units.count(policy.unikernels())
                + (policy.unikernels() == 1 ? " unikernel, " : " unikernels, ")
                + Units.memory(policy.memoryMiB())
                + ", block "
                + block(policy.blockMiB())
                + ", cpus "
                + Units.cpus(policy.cpuids())
                + ", bridges "
                + Units.list(policy.bridges());
    }

    private static String block(OptionalLong mebibytes) {
        return mebibytes.isEmpty() ? "none" : Units.memory(mebibytes.getAsLong());
    }

    /**
     * What has to be done on {@code host}, in an order in which nothing is refused.
     *
     * @param leftovers what is to be removed before
     */
    static List<Change> needed(Host host, Declared declared, List<Leftover> leftovers)
            throws ClientFailure {
        var wanted = new ArrayList<Change>();
        leftovers.forEach(leftover -> wanted.add(new Removes(leftover)));
        for (var limit : declared.limits()) {
            limit(host, limit).ifPresent(wanted::add);
        }
        for (var device : declared.devices()) {
            device(host, device).ifPresent(wanted::add);
        }
        List<Declared.Unikernel> unikernels =
                declared.unikernels().stream()
                        .sorted(Comparator.comparingLong(u -> u.arguments().startupOrDefault()))
                        .toList();
        for (var unikernel : unikernels) {
            unikernel(host, unikernel).ifPresent(wanted::add);
        }
        return ordered(host.resources(), wanted);
    }

    private static Optional<Change> limit(Host host, Declared.Limit limit) {
        Optional<Policy> found = host.resources().policy(limit.path());
        if (found.isEmpty()) {
            return Optional.of(new Limits(limit, List.of()));
        }
        Policy is = found.get();
        Policy to = limit.policy();
        var words = new Differences();
        words.add("unikernels", Units.count(is.unikernels()), Units.count(to.unikernels()));
        words.add("memory", Units.memory(is.memoryMiB()), Units.memory(to.memoryMiB()));
        words.add("block", block(is.blockMiB()), block(to.blockMiB()));
        words.add("cpus", Units.cpus(is.cpuids()), Units.cpus(to.cpuids()));
        words.add("bridges", Units.list(is.bridges()), Units.list(to.bridges()));
        return is.equals(to) ? Optional.empty() : Optional.of(new Limits(limit, words.found()));
    }

    private static Optional<Change> device(Host host, Declared.Device device) throws ClientFailure {
        Optional<Resources.BlockState> found = host.resources().block(device.name());
        if (found.isEmpty()) {
            return Optional.of(new Makes(device));
        }
        if (found.get().sizeMiB() != device.sizeMiB()) {
            throw ClientFailure.remote(
                    "block "
                            + device.name()
                            + " has "
                            + Units.memory(found.get().sizeMiB())
                            + " and not "
                            + Units.memory(device.sizeMiB())
                            + ": devices keep their size; dump-block it, destroy-block it, and"
                            + " apply again");
        }
        return Optional.empty();
    }

    private static Optional<Change> unikernel(Host host, Declared.Unikernel wished)
            throws ClientFailure {
        Optional<String> problem = DryRun.deviceProblem(wished.arguments());
        if (problem.isPresent()) {
            throw ClientFailure.usage(wished.name() + ": " + problem.get());
        }
        Bytes image = Images.read(wished.image(), wished.arguments());
        var found = host.unikernel(wished.name()).map(info -> new Running(wished.name(), info));
        if (found.isEmpty()) {
            return Optional.of(new Starts(wished, image, List.of()));
        }
        List<String> why = found.get().differences(image, wished.arguments());
        return why.isEmpty() ? Optional.empty() : Optional.of(new Starts(wished, image, why));
    }

    /** Each as early as what is there by then allows it. */
    private static List<Change> ordered(Resources before, List<Change> wanted)
            throws ClientFailure {
        var pending = new ArrayList<>(wanted);
        var ordered = new ArrayList<Change>();
        Resources tree = before;
        while (!pending.isEmpty()) {
            Change next = null;
            for (Change change : pending) {
                if (change.on(tree) instanceof Taken.Of(var after)) {
                    next = change;
                    tree = after;
                    break;
                }
            }
            if (next == null) {
                throw refused(pending.getFirst(), tree);
            }
            pending.remove(next);
            ordered.add(next);
        }
        return ordered;
    }

    private static ClientFailure refused(Change first, Resources tree) {
        String why = first.on(tree) instanceof Taken.Refused(var reason) ? reason : "";
        return ClientFailure.remote(
                first.kind() + " " + first.name() + ": " + why + "; nothing was done");
    }
}
