package vmm.config;

import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import vmm.core.image.Device;

/**
 * What is configured: a name and its jobs.
 *
 * @param keys what is told when the unikernel boots, in the order of the arguments
 * @param packages opam's names of what is needed beside what the devices need
 * @param libraries findlib's names likewise
 */
public record Project(
        String name,
        List<Dev<Kind.Job>> jobs,
        Optional<Tracing> tracing,
        List<Key<?>> keys,
        Set<String> packages,
        Set<String> libraries) {
    public Project {
        jobs = List.copyOf(jobs);
        keys = List.copyOf(keys);
        packages = Set.copyOf(packages);
        libraries = Set.copyOf(libraries);
        if (name.isEmpty() || name.contains("/")) {
            throw new ConfigException("'" + name + "' is no name of a project: files get it");
        }
        var names = new HashSet<String>();
        for (Key<?> key : keys) {
            if (!names.add(key.name())) {
                throw new ConfigException("two keys are named '" + key.name() + "'");
            }
        }
    }

    /** A project of these jobs. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public static Project of(String name, Dev<Kind.Job>... jobs) {
        return new Project(name, List.of(jobs), Optional.empty(), List.of(), Set.of(), Set.of());
    }

    /** This project with these jobs alone. */
    public Project withJobs(List<Dev<Kind.Job>> others) {
        return new Project(name, others, tracing, keys, packages, libraries);
    }

    public Project withTracing(Tracing wanted) {
        return new Project(name, jobs, Optional.of(wanted), keys, packages, libraries);
    }

    /** This project with keys that are told when it boots. */
    public Project withKeys(Key<?>... added) {
        return new Project(name, jobs, tracing, List.of(added), packages, libraries);
    }

    /** This project with more packages of opam. */
    public Project withPackages(String... added) {
        return new Project(name, jobs, tracing, keys, union(packages, added), libraries);
    }

    /** This project with more libraries of findlib. */
    public Project withLibraries(String... added) {
        return new Project(name, jobs, tracing, keys, packages, union(libraries, added));
    }

    private static Set<String> union(Set<String> some, String... added) {
        var all = new HashSet<>(some);
        all.addAll(List.of(added));
        return all;
    }

    /** All files, in the older dialect for a classic target and in the newer for the others. */
    public List<Artefact> configure(Target target, Surroundings place) {
        return target.isClassic()
                ? Classic.of(this, target, Compat.NONE, place).files()
                : Mirage4.of(this, target);
    }

    /** All files in the older dialect. */
    public List<Artefact> configure(Target target, Compat compat, Surroundings place) {
        return Classic.of(this, target, compat, place).files();
    }

    /** What the image declares: every attached device once, in the order of the graph. */
    public Manifest manifest() {
        return DeepStack.call(
                () -> {
                    var devices = new LinkedHashSet<Device>();
                    var seen = Collections.<Node>newSetFromMap(new IdentityHashMap<>());
                    jobs.forEach(job -> attached(job.node(), seen, devices));
                    return new Manifest(List.copyOf(devices));
                });
    }

    private static void attached(Node node, Set<Node> seen, Set<Device> devices) {
        if (!seen.add(node)) {
            return;
        }
        switch (node) {
            case Node.App(var function, var argument) -> {
                attached(function, seen, devices);
                attached(argument, seen, devices);
            }
            case Node.Base(var device) -> {
                device.children().forEach(child -> attached(child, seen, devices));
                device.attached().ifPresent(devices::add);
            }
            case Node.Foreign _ -> {}
        }
    }

    /** The graph in words. */
    public String describe(Target target, Surroundings place) {
        return Drawing.words(this, target, place);
    }

    /** The graph for graphviz. */
    public String dot(Target target, Surroundings place) {
        return Drawing.dot(this, target.isClassic() ? target : Target.UNIX, place);
    }

    /** The start of a plan for this project: the only way to one that fits it. */
    public Plan.Builder plan() {
        return new Plan.Builder(manifest(), keys);
    }

    List<Node> nodes(Surroundings place) {
        var known = new IdentityHashMap<Node, Node>();
        return jobs.stream().map(job -> in(job.node(), place, known)).toList();
    }

    /** The node with its files looked for in {@code place}. */
    static Node in(Node node, Surroundings place) {
        return in(node, place, new IdentityHashMap<>());
    }

    private static Node in(Node node, Surroundings place, IdentityHashMap<Node, Node> known) {
        Node moved = known.get(node);
        if (moved == null) {
            moved =
                    switch (node) {
                        case Node.Base(var device) -> new Node.Base(device.in(place));
                        case Node.Foreign foreign -> foreign;
                        case Node.App(var function, var argument) ->
                                new Node.App(
                                        in(function, place, known), in(argument, place, known));
                    };
            known.put(node, moved);
        }
        return moved;
    }
}
