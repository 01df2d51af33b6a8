package vmm.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A graph in words, or for graphviz. */
final class Drawing {
    private final Identities identities;
    private final Map<Integer, Integer> numbers = new LinkedHashMap<>();
    private final List<String> boxes = new ArrayList<>();
    private final List<String> edges = new ArrayList<>();
    private final Generation g;

    private Drawing(Target target, Surroundings place) {
        this.identities = new Identities(target);
        this.g = new Generation(target, place);
    }

    /** The jobs as {@code target} has them. */
    static String dot(Project project, Target target, Surroundings place) {
        return drawn(new Drawing(target, place), project.nodes(target));
    }

    /** The jobs with all branches of their conditions. */
    static String dotWhole(Project project, Surroundings place) {
        return drawn(
                new Drawing(Target.UNIX, place), project.jobs().stream().map(Dev::node).toList());
    }

    private static String drawn(Drawing drawing, List<Node> jobs) {
        Walk.through(jobs, Drawing::below, drawing::add);
        var out = new StringBuilder("digraph G {\n  ordering=out;\n");
        drawing.boxes.forEach(box -> out.append("  ").append(box).append('\n'));
        drawing.edges.forEach(edge -> out.append("  ").append(edge).append('\n'));
        return out.append("}\n").toString();
    }

    /** What has a box of its own, which partial applications have not. */
    private static List<Node> below(Node node) {
        if (node instanceof Node.Choice choice) {
            return choice.all();
        }
        var spine = Spine.of(node);
        var all = new ArrayList<>(spine.arguments());
        all.addAll(spine.dependencies());
        return all;
    }

    private void add(Node node) {
        int identity = identities.of(node);
        if (numbers.containsKey(identity)) {
            return;
        }
        int number = numbers.size() + 1;
        numbers.put(identity, number);
        if (node instanceof Node.Choice choice) {
            boxes.add(number + " [label=\"If\\n" + choice.value() + "\"];");
            for (Node branch : choice.branches().values()) {
                edge(number, branch, " [style=\"dotted\"]");
            }
            edge(number, choice.otherwise(), " [style=\"bold\"]");
            return;
        }
        var spine = Spine.of(node);
        String label =
                spine.head() instanceof Node.Base(Later later)
                        ? later.form().module()
                        : g.module(spine.head());
        if (node instanceof Node.App) {
            label += "\\n(" + spine.arguments().size() + " arguments)";
        }
        if (spine.head() instanceof Node.Base(var device)) {
            label += name(device);
        }
        boxes.add(number + " [label=\"" + label + "\", shape=\"box\"];");
        spine.arguments().forEach(to -> edge(number, to, ""));
        spine.dependencies().forEach(to -> edge(number, to, " [style=\"dashed\"]"));
    }

    private void edge(int from, Node to, String style) {
        edges.add(from + " -> " + numbers.get(identities.of(to)) + style + ";");
    }

    /** What a tender or the host calls the device. */
    private static String name(Configurable device) {
        String name =
                switch (device) {
                    case NetDevices.Network(var own) -> own;
                    case StorageDevices.Block(_, var own) -> own;
                    default -> "";
                };
        return name.isEmpty() ? "" : "\\n" + name.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    static String words(Project project, Target target, Dialect dialect, Surroundings place) {
        var out = new StringBuilder();
        out.append("Name       ").append(project.name()).append('\n');
        out.append("Target     ").append(target).append('\n');
        if (dialect == Dialect.MIRAGE_4) {
            var all = Mirage4.needs(project, target);
            needs(out, all.packages(), all.libraries());
        } else {
            var g = new Generation(target, place);
            var jobs = project.nodes(target, place);
            needs(
                    out,
                    List.copyOf(Classic.packages(project, g, jobs)),
                    List.copyOf(Classic.libraries(project, g, jobs)));
        }
        var context = new Context(target, project.settings());
        list(
                out,
                "Settings   ",
                project.asked().stream().map(key -> setting(key, context)).toList());
        list(out, "Keys       ", project.keys().stream().map(Drawing::key).toList());
        list(out, "Devices    ", devices(project, target));
        return out.toString();
    }

    private static void needs(StringBuilder out, List<String> packages, List<String> libraries) {
        list(out, "Libraries  ", libraries);
        list(out, "Packages   ", packages);
    }

    private static String setting(Key<?> key, Context context) {
        boolean told = context.settings().containsKey(key.name());
        return key.name()
                + "="
                + (told || key.fallback().isPresent()
                        ? String.valueOf(context.value(key)) + (told ? "" : " (default)")
                        : " (must be said)");
    }

    private static String key(Key<?> key) {
        return "--" + key.name() + (key.fallback().isPresent() ? "" : " (must be told)");
    }

    private static List<String> devices(Project project, Target target) {
        try {
            return project.manifest(target).devices().stream()
                    .map(d -> d.name() + " " + Manifest.type(d))
                    .toList();
        } catch (ConfigException why) {
            return List.of("no manifest: " + why.why());
        }
    }

    private static void list(StringBuilder out, String title, List<String> items) {
        if (!items.isEmpty()) {
            out.append(title).append(String.join(", ", items)).append('\n');
        }
    }
}
