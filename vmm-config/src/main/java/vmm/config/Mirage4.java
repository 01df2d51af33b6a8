package vmm.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The newer dialect, of release 4: main.ml, dune's files, a manifest and opam's file.
 *
 * <p>Time, clock, random and console are linked there and are no arguments of functors; devices
 * that it has no words for are refused.
 */
final class Mirage4 {
    private final Target target;
    private final Identities identities;
    private final Map<Integer, String> variables = new LinkedHashMap<>();
    private final Map<Integer, String> modules = new LinkedHashMap<>();
    private final StringBuilder main = new StringBuilder();
    private final Map<String, String> packages = new TreeMap<>();
    private final Set<String> libraries = new TreeSet<>();

    private Mirage4(Target target) {
        this.target = target;
        this.identities = new Identities(target);
        need("lwt", "", "lwt");
        need("mirage-runtime", "& >= \"4.11.0\" & < \"4.12.0\"", "mirage-runtime");
        need("mirage-sleep", "& >= \"4.1.0\" & < \"5.0.0\"", "mirage-sleep");
        String host =
                switch (target) {
                    case UNIX, MACOSX -> "mirage-unix";
                    case XEN, QUBES -> "mirage-xen";
                    default -> "mirage-solo5";
                };
        need(host, host.equals("mirage-solo5") ? "& >= \"0.10.0\" & < \"0.11.0\"" : "", host);
    }

    private void need(String opam, String bounds, String library) {
        packages.put(opam, bounds);
        libraries.add(library);
    }

    static List<Artefact> of(Project project, Target target) {
        return DeepStack.call(() -> new Mirage4(target).files(project));
    }

    /** What a project needs, by opam's names and by findlib's. */
    record Wanted(List<String> packages, List<String> libraries) {}

    static Wanted needs(Project project, Target target) {
        return DeepStack.call(
                () -> {
                    var run = new Mirage4(target);
                    List<Artefact> _ = run.files(project);
                    return new Wanted(
                            List.copyOf(run.packages.keySet()), List.copyOf(run.libraries));
                });
    }

    private List<Artefact> files(Project project) {
        Manifest manifest = project.manifest();
        var starts = new LinkedHashSet<String>();
        main.append("open Lwt.Infix\nlet return = Lwt.return\n\n");
        for (Dev<Kind.Job> job : project.jobs()) {
            starts.add(variable(job.node()));
        }
        main.append("let () =\n  Mirage_runtime.set_name \"")
                .append(project.name())
                .append("\";\n  ")
                .append(
                        target.isUnix()
                                ? "Unix_os"
                                : target == Target.XEN || target == Target.QUBES
                                        ? "Xen_os"
                                        : "Solo5_os")
                .append(".Main.run (Lwt.join [");
        main.append(String.join("; ", starts.stream().map(s -> "Lazy.force " + s).toList()));
        main.append("])\n");
        for (String added : project.packages()) {
            packages.putIfAbsent(added, "");
        }
        libraries.addAll(project.libraries());
        var files = new ArrayList<Artefact>();
        files.add(new Artefact("mirage/main.ml", main.toString()));
        boolean solo5 = !target.isUnix();
        if (solo5) {
            files.add(new Artefact("mirage/manifest.json", manifest.json()));
            files.add(new Artefact("mirage/manifest.ml", ""));
        }
        files.add(new Artefact("dune.build", dune(project)));
        files.add(
                new Artefact(
                        "dune-project",
                        "(lang dune 2.9)\n\n(name "
                                + project.name()
                                + "-"
                                + target
                                + ")\n\n(implicit_transitive_deps true)\n"));
        files.add(new Artefact("dune-workspace", workspace()));
        files.add(new Artefact("dune", "(include dune.build)\n"));
        files.add(new Artefact("Makefile", makefile(project)));
        files.add(new Artefact("mirage/" + project.name() + "-" + target + ".opam", opam(project)));
        return files;
    }

    private static boolean isAmbient(Node node) {
        return node instanceof Node.Base(var device)
                && (device instanceof Ambient || device instanceof BasicDevices.Console);
    }

    /** The lazy value that holds the node's state; its code is written before. */
    private String variable(Node node) {
        int identity = identities.of(node);
        String known = variables.get(identity);
        if (known != null) {
            return known;
        }
        var arguments = new ArrayList<Node>();
        Node at = node;
        while (at instanceof Node.App(var function, var argument)) {
            if (!isAmbient(argument)) {
                arguments.addFirst(argument);
            }
            at = function;
        }
        Form form =
                switch (at) {
                    case Node.Foreign foreign -> form(foreign);
                    case Node.Base(var device) -> form(device, arguments);
                    case Node.App _ -> throw new AssertionError("an application has no head");
                };
        var states = new ArrayList<String>();
        var parts = new ArrayList<String>();
        for (Node argument : arguments) {
            states.add(variable(argument));
            parts.add(String.valueOf(modules.get(identities.of(argument))));
        }
        int number = variables.size() + 1;
        String base =
                Ocaml.mangled(form.module.toLowerCase(java.util.Locale.ROOT).replace('.', '_'));
        String name = base + "__" + number;
        String module = form.module;
        if (!parts.isEmpty() && form.isFunctor) {
            module = Ocaml.capitalized(name);
            main.append("module ").append(module).append(" = ").append(form.module).append('(');
            main.append(String.join(")(", parts)).append(")\n\n");
        }
        write(name, module + "." + form.call, states);
        variables.put(identity, name);
        modules.put(identity, module);
        return name;
    }

    private void write(String name, String call, List<String> states) {
        main.append("let ").append(name).append(" = lazy (\n");
        for (String state : states) {
            main.append("  let _")
                    .append(state)
                    .append(" = Lazy.force ")
                    .append(state)
                    .append(" in\n");
        }
        for (String state : states) {
            main.append("  _").append(state).append(" >>= fun _").append(state).append(" ->\n");
        }
        var text = new StringBuilder(call);
        for (String state : states) {
            text.append(" _").append(state);
        }
        main.append("  ")
                .append(text)
                .append(states.isEmpty() && !call.contains(" ") ? " ()" : "")
                .append("\n)\n\n");
    }

    /** How a module is made and connected. */
    private record Form(String module, boolean isFunctor, String call) {}

    private Form form(Node.Foreign foreign) {
        foreign.packages().forEach(p -> packages.putIfAbsent(p, ""));
        libraries.addAll(foreign.libraries());
        return new Form(foreign.module(), true, "start");
    }

    private Form form(Configurable device, List<Node> arguments) {
        for (Node child : device.children()) {
            if (!isAmbient(child)) {
                arguments.add(child);
            }
        }
        return switch (device) {
            case NetDevices.Network(var name) -> {
                String library =
                        target.isUnix()
                                ? "mirage-net-unix"
                                : target == Target.XEN ? "mirage-net-xen" : "mirage-net-solo5";
                need(library, "", library);
                yield new Form("Netif", false, "connect " + Ocaml.quoted(name));
            }
            case StorageDevices.Block(_, var name) -> {
                String library =
                        target.isUnix()
                                ? "mirage-block-unix"
                                : target == Target.XEN ? "mirage-block-xen" : "mirage-block-solo5";
                need(
                        library,
                        "",
                        library.equals("mirage-block-xen") ? "mirage-block-xen.front" : library);
                yield new Form("Block", false, "connect " + Ocaml.quoted(name));
            }
            case NetDevices.Ethif _ -> {
                need("ethernet", "& >= \"3.0.0\" & < \"4.0.0\"", "ethernet");
                yield new Form("Ethernet.Make", true, "connect");
            }
            default ->
                    throw new ConfigException(
                            device.getClass().getSimpleName()
                                    + ": release 4 has no such device as release 2.5 has; build for"
                                    + " unix, macosx or xen, or make it a foreign module");
        };
    }

    private String dune(Project project) {
        boolean solo5 = !target.isUnix();
        var out = new StringBuilder("(copy_files# ./mirage/main.ml)\n\n");
        if (solo5) {
            out.append(
                    "(copy_files ./mirage/manifest.json)\n\n(copy_files# ./mirage/manifest.ml)\n\n");
        }
        out.append("(executable\n");
        if (solo5) {
            out.append(" (enabled_if (= %{context_name} \"solo5\"))\n");
        }
        out.append(" (name main)\n (modes (native exe))\n (libraries ")
                .append(String.join(" ", libraries))
                .append(")\n");
        if (solo5) {
            out.append(" (link_flags :standard -w -70 -cclib \"-z solo5-abi=")
                    .append(target == Target.QUBES ? Target.XEN : target)
                    .append("\")\n");
            out.append(
                    " (modules (:standard \\ config manifest))\n (foreign_stubs (language c) (names manifest))\n)\n\n");
            out.append(
                    "(rule\n (targets manifest.c)\n (deps manifest.json)\n (action\n  (run solo5-elftool gen-manifest manifest.json manifest.c)))\n\n");
        } else {
            out.append(" (modules (:standard \\ config))\n)\n\n");
        }
        String product = product(project);
        out.append("(rule\n (target ").append(product).append(")\n");
        out.append(" (enabled_if (= %{context_name} \"")
                .append(solo5 ? "solo5" : "default")
                .append("\"))\n");
        out.append(" (deps main.exe)\n (action\n  (copy main.exe %{target})))\n");
        return out.toString();
    }

    private String product(Project project) {
        return project.name() + (target.isUnix() ? ".exe" : "." + target);
    }

    private String workspace() {
        String plain = "(lang dune 2.9)\n\n(context (default))\n";
        return target.isUnix()
                ? plain
                : plain
                        + "\n(context (default\n  (name solo5)\n  (host default)\n  (toolchain solo5)\n"
                        + "  (merlin)\n  (disable_dynamically_linked_foreign_archives true)\n  ))\n";
    }

    private String makefile(Project project) {
        String context = target.isUnix() ? "default" : "solo5";
        return "-include Makefile.user\nOPAM = opam\n\n.PHONY: all lock pull build clean\n"
                + "all:: build\n\nlock::\n\tenv OPAMVAR_monorepo=\"opam-monorepo\" $(OPAM) monorepo lock"
                + " --require-cross-compile --build-only "
                + project.name()
                + "-"
                + target
                + "\n\n"
                + "pull:: lock\n\tenv OPAMVAR_monorepo=\"opam-monorepo\" $(OPAM) monorepo pull\n\n"
                + "build::\n\tdune build --profile release --root . _build/"
                + context
                + "/"
                + product(project)
                + "\n\tmkdir -p dist\n\tcp -f _build/"
                + context
                + "/"
                + product(project)
                + " dist/\n\n"
                + "clean::\n\trm -rf _build dist\n";
    }

    private String opam(Project project) {
        var out = new StringBuilder("opam-version: \"2.0\"\n");
        out.append("synopsis: \"Unikernel ")
                .append(project.name())
                .append(" - switch dependencies\"\n\n");
        out.append("build: [make \"build\"]\n\ninstall: [\n  [ \"cp\" \"dist/")
                .append(product(project));
        out.append("\" \"%{bin}%/").append(product(project)).append("\" ]\n]\n\ndepends: [\n");
        packages.forEach(
                (name, bounds) ->
                        out.append("  \"")
                                .append(name)
                                .append("\" { ?monorepo ")
                                .append(bounds)
                                .append(bounds.isEmpty() ? "}\n" : " }\n"));
        if (!target.isUnix()) {
            out.append(
                    "  \"ocaml-solo5\" { build & >= \"0.8.2\" & < \"2.0.0\" }\n  \"solo5\" { build & >= \"0.7.5\" & < \"0.13.0\" }\n");
        }
        out.append("  \"opam-monorepo\" { build & >= \"0.3.2\" }\n]\n\n");
        out.append(
                "x-opam-monorepo-opam-provided: [\"ocaml-solo5\" \"opam-monorepo\" \"solo5\"]\n");
        return out.toString();
    }
}
