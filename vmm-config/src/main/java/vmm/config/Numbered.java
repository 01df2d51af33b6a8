package vmm.config;

import java.util.List;

/** A device whose module is named as its variable; its children, if any, tell it from others. */
interface Numbered extends Configurable {
    @Override
    default String module(Generation g) {
        return Ocaml.capitalized(variable(g));
    }

    @Override
    default List<Object> settings(Target target) {
        return children().isEmpty() ? List.of(this) : List.of();
    }

    /** A numbered device of the package tcpip. */
    interface Tcpip extends Numbered {
        @Override
        default List<String> packages(Generation g) {
            return List.of("tcpip");
        }
    }
}
