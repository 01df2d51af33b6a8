package vmm.config;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import vmm.core.image.Device;

/**
 * A device that says by itself how it is configured: the extension point for devices of users.
 *
 * <p>Two devices are the same one if {@link #settings} and {@link #children} are.
 */
public interface Configurable {
    /** The variable that its state is bound to. */
    String variable(Generation g);

    /** The name of its module in main.ml. */
    String module(Generation g);

    /** The names of its packages in opam. */
    default List<String> packages(Generation g) {
        return List.of();
    }

    /** The names of its libraries in findlib. */
    default List<String> libraries(Generation g) {
        return List.of();
    }

    /** Writes its code, with {@link Generation#line}; that of {@link #before} is there already. */
    default void configure(Generation g) {}

    /** The children whose code must come before its own, in this order. */
    default List<Node> before(Generation g) {
        return children();
    }

    /** How release 4 has it; its arguments are {@link #children}. Empty: it has no such device. */
    default Optional<Form> form(Target target) {
        return Optional.empty();
    }

    /** What this device is made of. */
    default List<Node> children() {
        return List.of();
    }

    /** This device with {@code each} of its {@link #children} in place of them. */
    default Configurable with(UnaryOperator<Node> each) {
        return this;
    }

    /** The children whose packages, or libraries, are needed as well. */
    default List<Node> linked(boolean packages) {
        return children();
    }

    /** Everything but the children that makes this device another one than others. */
    default List<Object> settings(Target target) {
        return List.of(this);
    }

    /** This device with its files looked for in {@code place}. */
    default Configurable in(Surroundings place) {
        return this;
    }

    /** What the tender must attach for it. */
    default Optional<Device> attached() {
        return Optional.empty();
    }

    /** The files that cleaning removes for it. */
    default List<String> leftovers(Generation g) {
        return List.of();
    }
}
