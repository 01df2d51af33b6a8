package vmm.config;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The older dialect, of release 2.5: main.ml, Makefile, and files for Xen's tools. */
final class Classic {
    private Classic() {}

    /**
     * What a project becomes.
     *
     * @param commands what is run after the files are written
     * @param faults what is wrong with it, where the original's faults were asked for
     */
    record Result(List<Artefact> files, List<String> commands, List<String> faults) {}

    static Result of(Project project, Target target, Dialect dialect, Surroundings place) {
        if (!target.isClassic()) {
            throw new ConfigException(
                    "the older dialect is for unix, macosx and xen, not for " + target);
        }
        List<Node> jobs = project.nodes(target, place);
        Result result;
        try {
            result = run(project, jobs, Generation.asOriginal(target, dialect, place));
        } catch (Faulty _) {
            result = run(project, jobs, new Generation(target, place));
        }
        return withXen(project, dialect, place, result);
    }

    private static Result withXen(Project p, Dialect dialect, Surroundings place, Result result) {
        var files = new ArrayList<>(result.files);
        files.addAll(1, Templates.xen(p.name(), place, dialect == Dialect.MIRAGE_2_5_0));
        return new Result(files, result.commands, result.faults);
    }

    private static Result run(Project project, List<Node> jobs, Generation g) {
        Target target = g.target();
        Surroundings place = g.place();
        g.check(jobs);
        SortedSet<String> libraries = libraries(project, g, jobs);
        var makefileLibraries = new ArrayList<>(List.of("lwt.syntax"));
        makefileLibraries.addAll(libraries);
        List<String> packages = List.copyOf(packages(project, g, jobs));
        var files = new ArrayList<Artefact>();
        files.add(Templates.makefile(project.name(), target, place, packages, makefileLibraries));
        main(project, g, jobs, preamble(target, libraries));
        files.addAll(g.files());
        files.add(new Artefact("main.ml", g.main()));
        return new Result(files, g.commands(), g.faults());
    }

    static SortedSet<String> packages(Project project, Generation g, List<Node> jobs) {
        var all = new TreeSet<>(Needs.packages(g, jobs));
        all.addAll(project.packages());
        all.add(g.target() == Target.XEN ? "mirage-xen" : "mirage-unix");
        project.tracing().ifPresent(_ -> all.add("mirage-profile"));
        if (g.target() == Target.XEN) {
            all.add("mirage-entropy-xen");
        }
        return all;
    }

    static SortedSet<String> libraries(Project project, Generation g, List<Node> jobs) {
        var all = new TreeSet<>(Needs.libraries(g, jobs));
        all.addAll(project.libraries());
        all.add("mirage-types.lwt");
        project.tracing().ifPresent(tracing -> all.add(tracing.library(g.target())));
        if (g.place().needNocrypto(List.copyOf(all))) {
            String library = g.target() == Target.XEN ? "nocrypto.xen" : "nocrypto.lwt";
            if (!g.place().hasLibrary(library)) {
                throw new ConfigException(library + " module not found. Hint: reinstall nocrypto.");
            }
            all.add(library);
        }
        return all;
    }

    private static String preamble(Target target, SortedSet<String> libraries) {
        if (libraries.contains("nocrypto.xen") && target == Target.XEN) {
            return "Nocrypto_entropy_xen.initialize ()";
        }
        return libraries.contains("nocrypto.lwt") && target != Target.XEN
                ? "Nocrypto_entropy_lwt.initialize ()"
                : "return_unit";
    }

    private static void main(Project project, Generation g, List<Node> jobs, String preamble) {
        g.line("(* " + Templates.generated(g.place()) + " *)");
        g.blank();
        g.line("open Lwt");
        g.blank();
        g.line("let _ = Printexc.record_backtrace true");
        g.blank();
        project.tracing().ifPresent(tracing -> tracing.configure(g));
        jobs.forEach(g::configure);
        jobs.forEach(g::job);
        g.join(jobs, preamble);
    }

    /** What cleaning removes beside the files that are always written. */
    static List<String> leftovers(Project project, Target target, Surroundings place) {
        var found = new ArrayList<String>();
        var g = new Generation(target, place);
        Walk.through(
                project.nodes(target, place),
                node -> {
                    if (node instanceof Node.Base(var device)) {
                        found.addAll(device.leftovers(g));
                    }
                });
        return found;
    }
}
