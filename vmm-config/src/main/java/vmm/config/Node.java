package vmm.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** A graph of devices without its types. */
public sealed interface Node {
    /** A device with an implementation of its own. */
    record Base(Configurable device) implements Node {}

    /** A functor applied to one argument. */
    record App(Node function, Node argument) implements Node {}

    /**
     * A functor, or a module, of the user's.
     *
     * @param module its name in OCaml, as {@code Unikernel.Main}
     * @param libraries findlib's names of what it needs
     * @param packages opam's names of what it needs
     */
    record Foreign(String module, List<String> libraries, List<String> packages) implements Node {
        public Foreign {
            libraries = List.copyOf(libraries);
            packages = List.copyOf(packages);
        }
    }

    /**
     * One of several nodes; which one is known when the graph is configured.
     *
     * @param otherwise the node where no branch has the value
     */
    record Choice(Value<?> value, SequencedMap<?, Node> branches, Node otherwise) implements Node {
        public Choice {
            branches = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(branches));
        }

        /** Its branches, and what there is without them. */
        List<Node> all() {
            var all = new ArrayList<>(branches.values());
            all.add(otherwise);
            return all;
        }

        Node chosen(Context context) {
            Node branch = branches.get(value.in(context));
            return branch == null ? otherwise : branch;
        }
    }
}
