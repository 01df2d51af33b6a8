package vmm.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The files that build a unikernel of release 4.
 *
 * @param needs the packages by their names, sorted
 * @param rules dune's, of devices
 * @param products the files of devices that are kept beside the unikernel
 */
record Build4(
        String name,
        Target target,
        Map<String, Need> needs,
        Collection<String> libraries,
        Collection<String> rules,
        Collection<String> products) {
    private static final int LINE_CHARS_MAX = 75;
    private static final int WORD_CHARS_MAX = 40;

    private String product() {
        return Target4.product(name, target);
    }

    private String context() {
        return target.isUnix() ? "default" : target.isUnikraft() ? "unikraft" : "solo5";
    }

    private String inContext() {
        return " (enabled_if (= %{context_name} \"" + context() + "\"))\n";
    }

    /** The project for this target, as opam takes it for a package. */
    String opamName() {
        return (name + "-" + target).replace('.', '_').replaceAll("[^a-zA-Z0-9_-]", "");
    }

    /** The rules that build the unikernel from {@code made}, which is in mirage/. */
    String dune(List<Artefact> made) {
        var parts = new ArrayList<String>();
        for (String path : made.stream().map(Artefact::path).sorted().toList()) {
            String sign = path.endsWith(".ml") ? "#" : "";
            parts.add("(copy_files" + sign + " ./" + path + ")");
        }
        if (target.isUnix()) {
            parts.add(renamed());
            parts.add(unixProgram());
        } else {
            parts.add(target.isUnikraft() ? unikraftProgram() : solo5Program());
            if (!target.isUnikraft()) {
                parts.add(
                        "(rule\n (targets manifest.c)\n (deps manifest.json)\n (action\n"
                                + "  (run solo5-elftool gen-manifest manifest.json manifest.c)))");
            }
            parts.add(renamed());
        }
        parts.addAll(rules);
        return String.join("\n\n", parts) + "\n";
    }

    private String renamed() {
        return "(rule\n (target "
                + product()
                + ")\n"
                + inContext()
                + " (deps main.exe)\n (action\n  (copy main.exe %{target})))";
    }

    private String unixProgram() {
        return "(executable\n (name main)\n (libraries "
                + folded()
                + ")\n (link_flags (-thread))\n (modules (:standard \\ config))\n"
                + " (flags :standard -w -70)\n"
                + inContext()
                + ")";
    }

    private String solo5Program() {
        return "(executable\n"
                + inContext()
                + " (name main)\n (modes (native exe))\n (libraries "
                + folded()
                + ")\n (link_flags :standard -w -70 -cclib \"-z solo5-abi="
                + Target4.abi(target)
                + "\")\n (modules (:standard \\ config manifest))\n"
                + " (foreign_stubs (language c) (names manifest))\n)";
    }

    private String unikraftProgram() {
        return "(executable\n (enabled_if\n  (= %{context_name} \"unikraft\"))\n"
                + " (name main)\n (modes\n  (native exe))\n (libraries "
                + folded()
                + ")\n (link_flags :standard -w -70)\n (modules (:standard \\ config)))";
    }

    /** The libraries in lines. */
    private String folded() {
        var all = new StringBuilder();
        var line = new StringBuilder();
        int max = LINE_CHARS_MAX - "  libraries".length();
        for (String library : libraries) {
            if (library.length() >= WORD_CHARS_MAX || line.length() + library.length() >= max) {
                all.append(line);
                line.setLength(0);
                line.append("\n  ");
                max = LINE_CHARS_MAX;
            }
            line.append(all.isEmpty() && line.isEmpty() ? "" : " ").append(library);
        }
        return all.append(line).toString();
    }

    /** The rules that put what was built into dist/. */
    String dist() {
        var rules = new ArrayList<String>();
        rules.add(promoted(product(), context()));
        beside().forEach(file -> rules.add(promoted(file, "default")));
        return String.join("\n\n", rules) + "\n";
    }

    /** The files that are kept beside the unikernel. */
    private SortedSet<String> beside() {
        var files = new TreeSet<>(products);
        if (target == Target.XEN) {
            files.addAll(List.of(name + ".xl", name + ".xl.in"));
        }
        return files;
    }

    private static String promoted(String file, String context) {
        return "(rule\n (mode (promote (until-clean)))\n (target "
                + file
                + ")\n (enabled_if (= %{context_name} \""
                + context
                + "\"))\n (action\n  (copy ../"
                + file
                + " %{target}))\n)";
    }

    String duneProject() {
        return "(lang dune 2.9)\n\n(name "
                + name
                + "-"
                + target
                + ")\n\n(implicit_transitive_deps true)\n";
    }

    String workspace() {
        String plain = "(lang dune 2.9)\n\n(context (default))\n";
        if (target.isUnix()) {
            return plain;
        }
        if (target.isUnikraft()) {
            String backend = "-z unikraft-backend=" + Target4.backend(target);
            return plain
                    + "\n(context\n (default\n  (name unikraft)\n  (host default)\n"
                    + "  (toolchain unikraft)\n  (env\n   (_\n    (flags :standard -cclib \""
                    + backend
                    + "\")\n    (c_flags :standard "
                    + backend
                    + ")))\n  (merlin)\n  (disable_dynamically_linked_foreign_archives true)))\n";
        }
        return plain
                + "\n(context (default\n  (name solo5)\n  (host default)\n  (toolchain solo5)\n"
                + "  (merlin)\n  (disable_dynamically_linked_foreign_archives true)\n  ))\n";
    }

    String makefile() {
        return Templates.filled(
                "makefile4.txt", Map.of("@OPAM@", opamName(), "@PRODUCT@", product()));
    }

    String opam() {
        var lines = new ArrayList<String>();
        needs.values().forEach(need -> lines.add("  " + need.line()));
        var files = new ArrayList<String>();
        files.add("  [ \"cp\" \"dist/" + product() + "\" \"%{bin}%/" + product() + "\" ]");
        beside().forEach(file -> files.add("  [ \"cp\" \"dist/" + file + "\" \"%{etc}%\" ]"));
        var installed =
                needs.values().stream()
                        .filter(need -> need.use() == Need.Use.INSTALLED)
                        .map(need -> "\"" + need.name() + "\"")
                        .toList();
        return Templates.filled(
                "opam4.txt",
                Map.of(
                        "@NAME@",
                        name,
                        "@OPAM@",
                        opamName(),
                        "@FILES@",
                        String.join("\n", files),
                        "@NEEDS@",
                        String.join("\n", lines),
                        "@INSTALLED@",
                        String.join(" ", installed)));
    }
}
