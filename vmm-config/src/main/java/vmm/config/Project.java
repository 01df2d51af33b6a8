package vmm.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import vmm.core.image.Device;

/**
 * What is configured: a name and its jobs.
 *
 * @param keys what is told when the unikernel boots, in the order of the arguments
 * @param packages opam's names of what is needed beside what the devices need
 * @param libraries findlib's names likewise
 * @param settings what is said of the keys that conditions in the graph ask for
 */
public record Project(
        String name,
        List<Dev<Kind.Job>> jobs,
        Optional<Tracing> tracing,
        List<Key<?>> keys,
        Set<String> packages,
        Set<String> libraries,
        Map<String, String> settings) {
    public Project {
        jobs = List.copyOf(jobs);
        keys = List.copyOf(keys);
        packages = Set.copyOf(packages);
        libraries = Set.copyOf(libraries);
        settings = Map.copyOf(settings);
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
        return new Project(
                name, List.of(jobs), Optional.empty(), List.of(), Set.of(), Set.of(), Map.of());
    }

    /** This project with these jobs alone. */
    public Project withJobs(List<Dev<Kind.Job>> others) {
        return new Project(name, others, tracing, keys, packages, libraries, settings);
    }

    public Project withTracing(Tracing wanted) {
        return new Project(name, jobs, Optional.of(wanted), keys, packages, libraries, settings);
    }

    /** This project with keys that are told when it boots. */
    public Project withKeys(Key<?>... added) {
        return new Project(name, jobs, tracing, List.of(added), packages, libraries, settings);
    }

    /** This project with more packages of opam. */
    public Project withPackages(String... added) {
        return new Project(name, jobs, tracing, keys, union(packages, added), libraries, settings);
    }

    /** This project with more libraries of findlib. */
    public Project withLibraries(String... added) {
        return new Project(name, jobs, tracing, keys, packages, union(libraries, added), settings);
    }

    private static Set<String> union(Set<String> some, String... added) {
        var all = new HashSet<>(some);
        all.addAll(List.of(added));
        return all;
    }

    /** This project where these things are said of the keys that its conditions ask for. */
    public Project withSettings(Map<String, String> told) {
        var all = new HashMap<>(settings);
        all.putAll(told);
        return new Project(name, jobs, tracing, keys, packages, libraries, all);
    }

    /** All files, in the dialect that the target has where nothing else is said. */
    public List<Artefact> configure(Target target, Surroundings place) {
        return configure(target, Dialect.of(target), place);
    }

    /** All files. */
    public List<Artefact> configure(Target target, Dialect dialect, Surroundings place) {
        return switch (dialect) {
            case MIRAGE_2_5, MIRAGE_2_5_0 -> Classic.of(this, target, dialect, place).files();
            case MIRAGE_4 -> Mirage4.of(this, target);
        };
    }

    /** What the image declares: every attached device once, in the order of the graph. */
    public Manifest manifest(Target target) {
        var devices = new LinkedHashSet<Device>();
        Walk.through(
                nodes(target),
                node -> {
                    if (node instanceof Node.Base(var device)) {
                        device.attached().ifPresent(devices::add);
                    }
                });
        return new Manifest(List.copyOf(devices));
    }

    /** The graph in words. */
    public String describe(Target target, Dialect dialect, Surroundings place) {
        return Drawing.words(this, target, dialect, place);
    }

    /** The graph for graphviz, as {@code target} has it. */
    public String dot(Target target, Surroundings place) {
        return Drawing.dot(this, target, place);
    }

    /** The graph for graphviz with all branches of its conditions. */
    public String dotWhole(Surroundings place) {
        return Drawing.dotWhole(this, place);
    }

    /** The start of a plan for this project: the only way to one that fits it. */
    public Plan.Builder plan() {
        Project here = Loading.here(this);
        return new Plan.Builder(here.manifest(Loading.targetOr(Target.HVT)), keys);
    }

    /** The keys that conditions in the graph ask for. */
    SequencedSet<Key<?>> asked() {
        var asked = new LinkedHashSet<Key<?>>();
        Walk.through(
                jobs.stream().map(Dev::node).toList(),
                node -> {
                    if (node instanceof Node.Choice(var value, _, _)) {
                        asked.addAll(value.keys());
                    }
                });
        return asked;
    }

    /** The jobs as {@code target} has them. */
    List<Node> nodes(Target target) {
        checkSettings();
        return mapped(target, device -> device);
    }

    /** The jobs as {@code target} has them, with their files looked for in {@code place}. */
    List<Node> nodes(Target target, Surroundings place) {
        checkSettings();
        return mapped(target, device -> device.in(place));
    }

    private void checkSettings() {
        if (settings.isEmpty()) {
            return;
        }
        var known = asked().stream().map(Key::name).toList();
        for (String told : settings.keySet()) {
            if (!known.contains(told)) {
                throw new ConfigException(
                        "no condition asks for '"
                                + told
                                + "': there are "
                                + (known.isEmpty() ? "none" : String.join(", ", known)));
            }
        }
    }

    private List<Node> mapped(Target target, UnaryOperator<Configurable> each) {
        var mapping = new Mapping(new Context(target, settings), each, new IdentityHashMap<>());
        List<Node> roots = jobs.stream().map(Dev::node).toList();
        Walk.through(roots, mapping::below, mapping::add);
        return roots.stream().map(mapping::of).toList();
    }

    /** Nodes without conditions in place of others; what was one stays one. */
    private record Mapping(
            Context context, UnaryOperator<Configurable> each, Map<Node, Node> known) {
        List<Node> below(Node node) {
            return node instanceof Node.Choice choice
                    ? List.of(choice.chosen(context))
                    : Walk.below(node);
        }

        void add(Node node) {
            known.put(
                    node,
                    switch (node) {
                        case Node.Base(var device) ->
                                new Node.Base(each.apply(chosen(device.with(this::of))));
                        case Node.Foreign foreign -> foreign;
                        case Node.App(var function, var argument) ->
                                new Node.App(of(function), of(argument));
                        case Node.Choice choice -> of(choice.chosen(context));
                    });
        }

        Node of(Node node) {
            Node mapped = known.get(node);
            if (mapped == null) {
                throw new ConfigException("a device's with() has other nodes than its children()");
            }
            return mapped;
        }

        private static Configurable chosen(Configurable device) {
            if (device.children().stream().anyMatch(Node.Choice.class::isInstance)) {
                throw new ConfigException(
                        device.getClass().getSimpleName()
                                + " has a child with a condition: its class needs with()");
            }
            return device;
        }
    }
}
