package vmm.config;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** The type of an {@link Implementation}, as a value. */
public final class Typ<T extends Implementation> {
    /** How a type is built: of a kind, or from one type to another. */
    private sealed interface Shape {
        record Kind(String name) implements Shape {
            @Override
            public String toString() {
                return name;
            }
        }

        /** Any of several kinds. */
        record Either(String name, List<Typ<?>> kinds) implements Shape {
            @Override
            public String toString() {
                return name;
            }
        }

        record Function(Typ<?> argument, Typ<?> result) implements Shape {}
    }

    private final Shape shape;
    private final BiFunction<Node, Typ<T>, T> wrap;

    private Typ(Shape shape, BiFunction<Node, Typ<T>, T> wrap) {
        this.shape = shape;
        this.wrap = wrap;
    }

    /** The type of devices of a kind. */
    public static <K> Typ<Dev<K>> of(String name) {
        return new Typ<>(new Shape.Kind(name), Dev::new);
    }

    /** The type that devices of any of these have; only for graphs that no compiler sees. */
    static Typ<?> either(String name, Typ<?>... kinds) {
        return new Typ<Dev<Object>>(new Shape.Either(name, List.of(kinds)), Dev::new);
    }

    /** The type of functors from this to {@code result}; written {@code @->} elsewhere. */
    public <R extends Implementation> Typ<Fun<T, R>> to(Typ<R> result) {
        Typ<T> argument = this;
        return new Typ<>(
                new Shape.Function(this, result),
                (node, typ) -> new Fun<>(node, typ, argument, result));
    }

    T wrap(Node node) {
        return wrap.apply(node, this);
    }

    /**
     * Says why {@code given} cannot stand where this is wanted; for graphs that no compiler saw.
     */
    Optional<String> problem(Implementation given) {
        return same(this, given.typ())
                ? Optional.empty()
                : Optional.of("this has type " + given.typ() + " but " + this + " is wanted");
    }

    private static boolean same(Typ<?> one, Typ<?> other) {
        Shape a = one.shape;
        Shape b = other.shape;
        while (a instanceof Shape.Function(var left, var leftResult)
                && b instanceof Shape.Function(var right, var rightResult)) {
            if (!same(left, right)) {
                return false;
            }
            a = leftResult.shape;
            b = rightResult.shape;
        }
        return a.equals(b) || isOneOf(a, b) || isOneOf(b, a);
    }

    private static boolean isOneOf(Shape one, Shape several) {
        return several instanceof Shape.Either(_, var kinds)
                && kinds.stream().anyMatch(kind -> kind.shape.equals(one));
    }

    @Override
    public String toString() {
        var out = new StringBuilder();
        Shape at = shape;
        while (at instanceof Shape.Function(var argument, var result)) {
            boolean nested = argument.shape instanceof Shape.Function;
            out.append(nested ? "(" + argument + ")" : argument.toString()).append(" @-> ");
            at = result.shape;
        }
        return out.append(at).toString();
    }
}
