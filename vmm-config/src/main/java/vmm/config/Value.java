package vmm.config;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A value that is known when a graph is configured: the target, a key's, or what follows. */
public final class Value<T> {
    /** What the graph is configured for. */
    public static final Value<Target> TARGET =
            new Value<>(Set.of(), Set.of("target"), Context::target);

    /** True for hosts with sockets: unix and macosx. */
    public static final Value<Boolean> IS_UNIX = TARGET.map(Target::isUnix);

    /** True for xen and qubes. */
    public static final Value<Boolean> IS_XEN = TARGET.map(Target::isXen);

    /** True for what a tender of Solo5's runs: hvt, spt, virtio, muen and genode. */
    public static final Value<Boolean> IS_SOLO5 = TARGET.map(Target::isSolo5);

    private final Set<Key<?>> keys;
    private final Set<String> names;
    private final Function<Context, T> meaning;

    private Value(Set<Key<?>> keys, Set<String> names, Function<Context, T> meaning) {
        this.keys = keys;
        this.names = names;
        this.meaning = meaning;
    }

    /** What is said of a key where the graph is configured. */
    public static <T> Value<T> of(Key<T> key) {
        return new Value<>(Set.of(key), Set.of(key.name()), context -> context.value(key));
    }

    /** What follows from this. */
    public <R> Value<R> map(Function<? super T, ? extends R> function) {
        return new Value<>(keys, names, context -> function.apply(in(context)));
    }

    /** What follows from this and {@code other}. */
    public <U, R> Value<R> with(
            Value<U> other, BiFunction<? super T, ? super U, ? extends R> function) {
        return new Value<>(
                union(keys, other.keys),
                union(names, other.names),
                context -> function.apply(in(context), other.in(context)));
    }

    private static <E> Set<E> union(Set<E> some, Set<E> others) {
        var all = new LinkedHashSet<>(some);
        all.addAll(others);
        return all;
    }

    /** Whether it is {@code wanted}. */
    public Value<Boolean> is(T wanted) {
        return map(value -> Objects.equals(value, wanted));
    }

    T in(Context context) {
        return meaning.apply(context);
    }

    /** The keys that must be asked. */
    Set<Key<?>> keys() {
        return keys;
    }

    /** What it depends on, for who reads. */
    @Override
    public String toString() {
        return String.join(", ", names.stream().sorted().toList());
    }
}
