package vmm.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The newer dialect, of release 4: main.ml, dune's files, a manifest and opam's file. */
final class Mirage4 {
    private final Project project;
    private final Target target;
    private final List<Node> jobs;
    private final Map<String, Need> needs = new TreeMap<>();
    private final SequencedSet<String> rules = new LinkedHashSet<>();
    private final SortedSet<String> products = new TreeSet<>();

    private Mirage4(Project project, Target target) {
        this.project = project;
        this.target = target;
        this.jobs = project.nodes(target);
    }

    static List<Artefact> of(Project project, Target target) {
        return new Mirage4(project, target).files();
    }

    /** What a project needs, by opam's names and by findlib's. */
    record Wanted(List<String> packages, List<String> libraries) {}

    static Wanted needs(Project project, Target target) {
        var run = new Mirage4(project, target);
        String _ = run.main();
        return new Wanted(List.copyOf(run.needs.keySet()), List.copyOf(run.libraries()));
    }

    private String main() {
        project.tracing()
                .ifPresent(
                        _ -> {
                            throw Parts.missing("tracing", "leave it out");
                        });
        var parts = Parts.of(target, jobs);
        List<Part> first = first(parts.store());
        var before = new ArrayList<>(first);
        jobs.forEach(job -> before.add(parts.job(job)));
        var own = new ArrayList<>(Target4.needs(target));
        own.add(Need.of("lwt"));
        own.add(Need.of("mirage-runtime", "4.11.0", "4.12.0"));
        own.add(Need.from("opam-monorepo", "0.3.2").as(Need.Use.INSTALLED));
        Form form = Form.of("Mirage_runtime", "return ()", own);
        Part root = parts.store().part(form, List.of(), before);
        Walk.through(List.of(root), Part::below, this::collect);
        project.packages().forEach(name -> need(Need.of(name).with()));
        Parts.libraries(List.copyOf(project.libraries()), List.of()).forEach(this::need);
        return Main4.of(target, root, first);
    }

    /** What every unikernel has: arguments, logs, a clock, random numbers, a name. */
    private List<Part> first(Part.Store store) {
        String host = Target4.host(target);
        String boot = target.isXen() ? "xen" : target.isSolo5() ? "solo5" : "unix";
        Need runtime = Need.of("mirage-runtime");
        Part argv =
                store.part(
                        Form.of(
                                "Mirage_bootvar",
                                "return (Mirage_bootvar.argv ())",
                                Need.of("mirage-bootvar", "1.0.0", "2.0.0").with("", boot)));
        String name = Ocaml.quoted(project.name());
        Form arguments =
                Form.of(
                        "struct end",
                        "return Mirage_runtime.(with_argv (runtime_args ()) " + name + " $1)",
                        runtime);
        Form stdlib =
                Form.of(
                                "Cmdliner_stdlib",
                                "return ($,)",
                                Need.of("cmdliner-stdlib", "1.0.1", "2.0.0"))
                        .told(
                                "Cmdliner_stdlib.setup ~backtrace:(Some true)"
                                        + " ~randomize_hashtables:(Some true) ()");
        Form delay =
                Form.of(
                                "Mirage_runtime",
                                "Mirage_sleep.ns (Duration.of_sec $1)",
                                runtime,
                                Need.below("duration", "1.0.0"))
                        .told("Mirage_runtime.delay");
        Form logs =
                Form.of(
                                "Mirage_logs",
                                """
                                let reporter = $M.create () in
                                  Mirage_runtime.set_level ~default:(Some Logs.Info) $1;
                                  Logs.set_reporter reporter;
                                  Lwt.return reporter""",
                                runtime,
                                Need.of("mirage-logs", "3.0.0", "4.0.0"))
                        .told("Mirage_runtime.logs");
        Form random =
                Form.of(
                        "Mirage_crypto_rng_mirage",
                        "$M.initialize (module Mirage_crypto_rng.Fortuna)",
                        Need.of("mirage-crypto-rng-mirage", "2.0.0", "3.0.0"));
        Form named =
                Form.of("Mirage_runtime", "Mirage_runtime.set_name " + name + "; Lwt.return_unit");
        return List.of(
                store.part(arguments, List.of(), List.of(argv)),
                store.part(stdlib),
                store.part(delay),
                store.part(logs),
                clock(store, "sleep", host, "4.1.0", "5.0.0"),
                clock(store, "ptime", host, "5.1.0", "6.0.0"),
                clock(store, "mtime", host, "5.2.0", "6.0.0"),
                store.part(random),
                store.part(named));
    }

    private static Part clock(
            Part.Store store, String name, String host, String least, String below) {
        Need need = Need.of("mirage-" + name, least, below).with("", host);
        return store.part(Form.of("Mirage_" + name, "return ($,)", need));
    }

    private void collect(Part part) {
        part.form().needs().forEach(this::need);
        if (part.form().told().stream().anyMatch(t -> t.startsWith(Terms.NETWORK))) {
            need(Need.of("mirage-runtime").with("network"));
        }
        rules.addAll(part.form().rules());
        products.addAll(part.form().products());
    }

    private void need(Need need) {
        needs.merge(need.name(), need, Need::merged);
    }

    private SortedSet<String> libraries() {
        var all = new TreeSet<String>();
        needs.values().forEach(need -> all.addAll(need.libraries()));
        return all;
    }

    private List<Artefact> files() {
        String main = main();
        var made = new ArrayList<Artefact>();
        made.add(new Artefact("mirage/main.ml", main));
        if (!project.keys().isEmpty()) {
            made.add(new Artefact("mirage/keys.ml", keys()));
        }
        made.addAll(Target4.files(project, target, jobs));
        var files = new ArrayList<>(made);
        var text =
                new Build4(project.name(), target, needs, libraries(), rules.reversed(), products);
        files.add(new Artefact("dune.build", text.dune(made)));
        files.add(new Artefact("dune", "(include dune.build)\n"));
        files.add(new Artefact("dist/dune", text.dist()));
        files.add(new Artefact("dune-project", text.duneProject()));
        files.add(new Artefact("dune-workspace", text.workspace()));
        files.add(new Artefact("Makefile", text.makefile()));
        files.add(new Artefact("mirage/" + text.opamName() + ".opam", text.opam()));
        return files;
    }

    /** A module with a value for each key, as cmdliner reads it. */
    private String keys() {
        var out = new StringBuilder("open Cmdliner\n");
        for (Key<?> key : project.keys()) {
            out.append("\nlet ").append(Ocaml.mangled(key.name().replace('-', '_')));
            out.append(" =\n  Mirage_runtime.register_arg\n    Arg.(");
            out.append(term(key)).append(")\n");
        }
        return out.toString();
    }

    private static <T> String term(Key<T> key) {
        String info =
                " (info ~doc:" + Ocaml.quoted(key.doc()) + " [ " + Ocaml.quoted(key.name()) + " ])";
        String ocaml = key.kind().ocaml();
        return key.fallback()
                .map(value -> "value & opt " + ocaml + " " + key.kind().literal(value) + info)
                .orElse("required & opt (some " + ocaml + ") None" + info);
    }
}
