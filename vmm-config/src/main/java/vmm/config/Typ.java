package vmm.config;

import java.util.Optional;
import java.util.function.BiFunction;

/** The type of an {@link Implementation}, as a value. */
public final class Typ<T extends Implementation> {
    private final String text;
    private final boolean isFunction;
    private final BiFunction<Node, Typ<T>, T> wrap;

    private Typ(String text, boolean isFunction, BiFunction<Node, Typ<T>, T> wrap) {
        this.text = text;
        this.isFunction = isFunction;
        this.wrap = wrap;
    }

    /** The type of devices of a kind. */
    public static <K> Typ<Dev<K>> of(String name) {
        return new Typ<>(name, false, Dev::new);
    }

    /** The type of functors from this to {@code result}; written {@code @->} elsewhere. */
    public <R extends Implementation> Typ<Fun<T, R>> to(Typ<R> result) {
        String left = isFunction ? "(" + text + ")" : text;
        Typ<T> argument = this;
        return new Typ<>(
                left + " @-> " + result.text,
                true,
                (node, typ) -> new Fun<>(node, typ, argument, result));
    }

    T wrap(Node node) {
        return wrap.apply(node, this);
    }

    /**
     * Says why {@code given} cannot stand where this is wanted; for graphs that no compiler saw.
     */
    Optional<String> problem(Implementation given) {
        return text.equals(given.typ().text)
                ? Optional.empty()
                : Optional.of("this has type " + given.typ().text + " but " + text + " is wanted");
    }

    @Override
    public String toString() {
        return text;
    }
}
