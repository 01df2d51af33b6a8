package vmm.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The main.ml of release 4: every part becomes a lazy value, connected once what it needs is. */
final class Main4 {
    private final Map<Part, Integer> numbers = new LinkedHashMap<>();
    private final Map<String, String> keys = new LinkedHashMap<>();
    private final Naming naming = new Naming();
    private final StringBuilder out = new StringBuilder();

    private Main4() {}

    /**
     * The text of main.ml.
     *
     * @param first the parts that are forced before all others, in this order
     */
    static String of(Target target, Part root, List<Part> first) {
        var main = new Main4();
        Walk.through(
                List.of(root),
                Part::given,
                part -> main.numbers.put(part, main.numbers.size() + 1));
        main.write(target, root, first);
        return main.out.toString();
    }

    private void write(Target target, Part root, List<Part> first) {
        out.append("open Lwt.Infix\ntype 'a io = 'a Lwt.t\nlet return = Lwt.return\n");
        out.append("let run t = ").append(system(target)).append(".Main.run t ; exit 0\n\n");
        numbers.keySet().forEach(part -> part.form().told().forEach(this::key));
        var order = new ArrayList<Part>();
        Walk.through(List.of(root), Part::below, order::add);
        order.forEach(this::module);
        order.forEach(this::connect);
        out.append("let () =\n  let t = ");
        first.forEach(
                part -> out.append("Lazy.force ").append(name(part)).append(" >>= fun _ ->\n  "));
        out.append("Lazy.force ").append(name(root)).append(" in\n  run t\n;;\n");
    }

    private static String system(Target target) {
        return switch (target) {
            case UNIX, MACOSX -> "Unix_os";
            case XEN, QUBES -> "Xen_os";
            case HVT, SPT, VIRTIO, MUEN, GENODE -> "Solo5_os";
            case UNIKRAFT_FIRECRACKER, UNIKRAFT_QEMU -> "Unikraft_os";
        };
    }

    /** Registers a term whose value is told at boot. */
    private void key(String term) {
        if (keys.containsKey(term)) {
            return;
        }
        String name = naming.fixed(term, plain(term));
        keys.put(term, name);
        out.append("let ").append(name).append("__key = Mirage_runtime.register_arg @@\n  ");
        out.append(term).append("\n;;\n\n");
    }

    /** A name for OCaml that reminds of {@code text}. */
    private static String plain(String text) {
        return text.replaceAll("[-. ]", "_")
                .replaceAll("[^a-zA-Z0-9_]", "")
                .toLowerCase(Locale.ROOT);
    }

    private String name(Part part) {
        return plain(part.form().module()) + "__" + numbers.get(part);
    }

    private String moduleName(Part part) {
        return part.isFunctor() ? Ocaml.capitalized(name(part)) : part.form().module();
    }

    private void module(Part part) {
        if (part.isFunctor()) {
            out.append("module ").append(moduleName(part)).append(" = ");
            out.append(part.form().module());
            part.arguments().forEach(a -> out.append('(').append(moduleName(a)).append(')'));
            out.append("\n\n");
        }
    }

    private void connect(Part part) {
        var states = new ArrayList<String>();
        part.given().forEach(each -> states.add("_" + name(each)));
        out.append("let ").append(name(part)).append(" = lazy (\n");
        for (String state : states) {
            String value = state.substring(1);
            out.append("  let _").append(state).append(" = Lazy.force ").append(value);
            out.append(" in\n");
        }
        for (String state : states) {
            out.append("  _").append(state).append(" >>= fun ").append(state).append(" ->\n");
        }
        for (String term : part.form().told()) {
            String name = keys.get(term);
            out.append("  let _").append(name).append(" = (").append(name).append("__key ()) in\n");
            states.add("_" + name);
        }
        out.append("  ").append(part.form().filled(moduleName(part), states)).append("\n);;\n\n");
    }
}
