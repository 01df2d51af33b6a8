package vmm.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One run over a graph that writes main.ml and gives names. One thread uses it.
 *
 * <p>Operands are looked at from right to left, as OCaml evaluates them: numbers depend on it.
 */
public final class Generation {
    private final Target target;
    private final boolean asOriginal;
    private final boolean endsAtFault;
    private final Surroundings place;
    private final Naming naming = new Naming();
    private final Identities identities;
    private final Texts variables;
    private final Texts modules;
    private final IdentityHashMap<Node, List<Node>> states = new IdentityHashMap<>();
    private final Map<String, String> bodies = new HashMap<>();
    private final Set<String> configured = new HashSet<>();
    private final Set<String> written = new HashSet<>();
    private final Set<Node> walked = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<String, Integer> bound = new HashMap<>();
    private final Deque<Runnable> ahead = new ArrayDeque<>();
    private final StringBuilder main = new StringBuilder();
    private final List<Artefact> files = new ArrayList<>();
    private final List<String> commands = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    /** A run that makes no faults. */
    Generation(Target target, Surroundings place) {
        this(target, false, false, place);
    }

    /** A run that gives what the original gives: with its faults, or up to the first of them. */
    static Generation asOriginal(Target target, Dialect dialect, Surroundings place) {
        return new Generation(target, true, dialect == Dialect.MIRAGE_2_5, place);
    }

    private Generation(Target target, boolean asOriginal, boolean endsAtFault, Surroundings place) {
        this.target = target;
        this.asOriginal = asOriginal;
        this.endsAtFault = endsAtFault;
        this.place = place;
        this.identities = new Identities(target);
        var depth = new Texts.Depth();
        this.variables = new Texts(depth, _ -> List.of(), this::newVariable);
        this.modules = new Texts(depth, Generation::applied, this::newModule);
    }

    public Target target() {
        return target;
    }

    public Surroundings place() {
        return place;
    }

    /** True while the original's faults are to be made. */
    public boolean asOriginal() {
        return asOriginal;
    }

    /** Tells that what is written now, as the original did, is wrong. */
    public void fault(String what) {
        if (endsAtFault) {
            throw new Faulty(what);
        }
        faults.add(what);
    }

    List<String> faults() {
        return faults;
    }

    /** Writes one line of main.ml. */
    public void line(String text) {
        main.append(text).append('\n');
    }

    /** Writes an empty line of main.ml. */
    public void blank() {
        main.append('\n');
    }

    String main() {
        return main.toString();
    }

    /** Adds a file beside main.ml. */
    public void file(Artefact file) {
        files.add(file);
    }

    List<Artefact> files() {
        return files;
    }

    /** Adds a shell command that is run, in the project's folder, after the files are written. */
    public void command(String command) {
        commands.add(command);
    }

    List<String> commands() {
        return commands;
    }

    /** The code that ends main.ml with a failure of this name. */
    public static String failure(String name) {
        return "fail (Failure " + Ocaml.quoted(name) + ")";
    }

    /**
     * A name that is the device's own: {@code base} and a number.
     *
     * @param key what the original tells devices apart by, which may be too little
     */
    public String named(Configurable device, String key, String base) {
        return naming.of(asOriginal ? key : base + "#" + identities.of(device), base);
    }

    /** The name {@code wanted}, or one like it where another device has it already. */
    public String fixed(Configurable device, String wanted) {
        return asOriginal
                ? wanted
                : naming.fixed(wanted + "#" + identities.of(device), Ocaml.mangled(wanted));
    }

    /** True if a module of this name is to be defined now: OCaml takes no second definition. */
    public boolean defines(String module) {
        boolean isNew = written.add(module);
        if (!isNew && asOriginal) {
            fault(module + " is defined twice");
        }
        return isNew || asOriginal;
    }

    /** The variable that the node's state is bound to. */
    public String variable(Node node) {
        return variables.of(node);
    }

    private String newVariable(Node node) {
        return switch (node) {
            case Node.Base(var device) -> device.variable(this);
            case Node.Foreign(var module, _, _) -> naming.of("f" + module, "f");
            case Node.App _ -> {
                String module = module(node);
                int number = identities.of(node);
                yield naming.of(asOriginal ? module : module + "#" + number, "t");
            }
            case Node.Choice(_, _, var otherwise) -> variable(otherwise);
        };
    }

    /** The module that implements the node. */
    public String module(Node node) {
        return modules.of(node);
    }

    private String newModule(Node node) {
        return switch (node) {
            case Node.Base(var device) -> device.module(this);
            case Node.Foreign(var module, _, _) -> module;
            case Node.App application -> named(application);
            case Node.Choice(_, _, var otherwise) -> module(otherwise);
        };
    }

    /** What stands in the text of an application, from right to left. */
    private static List<Node> applied(Node node) {
        if (!(node instanceof Node.App)) {
            return List.of();
        }
        var spine = Spine.of(node);
        var all = new ArrayList<>(spine.arguments().reversed());
        all.add(spine.head());
        return all;
    }

    private String named(Node.App application) {
        var spine = Spine.of(application);
        var text = new StringBuilder(module(spine.head()));
        spine.arguments().forEach(each -> text.append('(').append(module(each)).append(')'));
        String body = text.toString();
        String name = naming.of(body, "M");
        bodies.put(name, body);
        return name;
    }

    /** Writes the node's code, and before it that of what it needs, unless that has been done. */
    public void configure(Node node) {
        int begun = ahead.size();
        ahead.push(() -> begin(node));
        while (ahead.size() > begun) {
            ahead.pop().run();
        }
    }

    /** Does these one after another, and what they put before others first. */
    private void then(Runnable... steps) {
        for (Runnable step : List.of(steps).reversed()) {
            ahead.push(step);
        }
    }

    private void begin(Node node) {
        if (!configured.add(variable(node))) {
            return;
        }
        switch (node) {
            case Node.Base(var device) -> {
                ahead.push(() -> write(node, device));
                device.before(this).reversed().forEach(each -> ahead.push(() -> begin(each)));
            }
            case Node.Foreign _ -> {}
            case Node.Choice _ -> throw new AssertionError("no branch has been chosen");
            case Node.App(var function, var argument) ->
                    then(
                            () -> state(function),
                            () -> state(argument),
                            () -> each(node),
                            () -> define(node));
        }
    }

    private void write(Node node, Configurable device) {
        device.configure(this);
        device.children().forEach(this::use);
        bind(variable(node), node);
    }

    private void define(Node application) {
        String module = module(application);
        if (defines(module)) {
            line("module " + module + " = " + bodies.get(module));
            blank();
        }
    }

    private void each(Node node) {
        if (!walked.add(node)) {
            return;
        }
        if (node instanceof Node.App(var function, var argument)) {
            then(() -> each(function), () -> each(argument), () -> begin(argument));
        } else {
            begin(node);
        }
    }

    /** Binds the state of an application that is no job: that of its arguments, together. */
    private void state(Node node) {
        if (node instanceof Node.App) {
            String name = variable(node);
            then(() -> begin(node), () -> join(name, node));
        }
    }

    private void join(String name, Node node) {
        List<Node> parts = stateful(node);
        if (parts.size() == 1) {
            use(parts.getFirst());
            line("let " + name + " = " + variable(parts.getFirst()));
        } else {
            line("let " + name + " () =");
            parts.forEach(part -> connect(part, "  "));
            line("  return (`Ok (" + String.join(", ", variables(parts)) + "))");
        }
        bind(name, node);
        blank();
    }

    /** Writes the connection of a part, and leaves its state bound to its own name. */
    private void connect(Node part, String indent) {
        use(part);
        String name = variable(part);
        line(indent + name + " () >>= function");
        line(indent + "| `Error e -> " + failure(name));
        line(indent + "| `Ok " + name + " ->");
    }

    /** Writes the function that starts a job. */
    void job(Node job) {
        String name = variable(job);
        List<Node> parts = stateful(job);
        line("let " + name + " () =");
        var sorted = new TreeMap<String, Node>();
        parts.forEach(part -> sorted.putIfAbsent(variable(part), part));
        sorted.values().forEach(part -> connect(part, "  "));
        parts.forEach(this::use);
        line("  " + module(job) + ".start " + String.join(" ", variables(parts)));
        bind(name, job);
        blank();
    }

    void join(List<Node> jobs, String before) {
        var calls = new ArrayList<String>();
        for (Node job : jobs) {
            use(job);
            calls.add(variable(job) + " ()");
        }
        line("let () =");
        line(
                "  OS.Main.run ("
                        + before
                        + " >>= fun () -> join ["
                        + String.join("; ", calls)
                        + "])");
    }

    private List<String> variables(List<Node> nodes) {
        return nodes.stream().map(this::variable).toList();
    }

    /**
     * Ends a run that is to end at a fault as soon as the graph shows one, before names are made.
     */
    void check(List<Node> jobs) {
        if (endsAtFault) {
            Walk.through(
                    jobs,
                    node -> {
                        List<Node> _ = stateful(node);
                    });
        }
    }

    /** The nodes whose state is that of {@code node}. */
    private List<Node> stateful(Node node) {
        var unknown = new ArrayDeque<Node>();
        Optional<Node> at = Optional.of(node);
        while (at.isPresent() && !states.containsKey(at.get())) {
            unknown.push(at.get());
            at = Spine.of(at.get()).first();
        }
        unknown.forEach(each -> states.put(each, parts(Spine.of(each))));
        return states.getOrDefault(node, List.of());
    }

    private List<Node> parts(Spine spine) {
        var parts = new ArrayList<Node>();
        if (spine.head() instanceof Node.Base) {
            parts.add(spine.head());
        }
        spine.first().ifPresent(argument -> parts.addAll(first(argument)));
        for (Node argument : spine.others()) {
            if (!(argument instanceof Node.Foreign)) {
                parts.add(argument);
            } else if (asOriginal) {
                fault(variable(argument) + " is never bound");
                parts.add(argument);
            }
        }
        return parts;
    }

    /** What the first argument of a functor gives: its parts in place of it where that is right. */
    private List<Node> first(Node argument) {
        List<Node> parts = stateful(argument);
        if (parts.size() < 2) {
            return parts;
        }
        if (asOriginal) {
            fault("the parts of " + variable(argument) + " are passed one by one");
            return parts;
        }
        return List.of(argument);
    }

    private void bind(String name, Node node) {
        bound.put(name, identities.of(node));
        if (!Ocaml.isVariable(name)) {
            fault(name + " is no name of a variable");
        }
    }

    private void use(Node node) {
        Integer number = bound.get(variable(node));
        boolean plain = node instanceof Node.Base(var device) && device instanceof Ambient;
        if (plain && number == null) {
            return;
        }
        if (number == null || number != identities.of(node)) {
            fault(variable(node) + " is not what it should be");
        }
    }
}
