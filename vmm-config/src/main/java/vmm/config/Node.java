package vmm.config;

import java.util.List;

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
}
