package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.Map;
import java.util.Optional;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What names in a configuration mean at one place; those of a module begin with its own and a dot.
 */
final class Scopes {
    private Scopes() {}

    /** A scope where a module's names stand without it, too. */
    static PMap<String, Object> opened(PMap<String, Object> scope, String module) {
        return scope.plusAll(of(scope, module));
    }

    /** What is defined in a module, by its names there. */
    private static Map<String, Object> of(PMap<String, Object> scope, String module) {
        String prefix = module + ".";
        PMap<String, Object> own = HashTreePMap.empty();
        for (var entry : scope.entrySet()) {
            if (entry.getKey().startsWith(prefix)) {
                own = own.plus(entry.getKey().substring(prefix.length()), entry.getValue());
            }
        }
        return own;
    }

    /** A scope where a module has another name, too. */
    static PMap<String, Object> renamed(PMap<String, Object> scope, String module, String name) {
        return named(scope, of(scope, module), name);
    }

    /** The scope {@code outer} with a module of what {@code inner} defines beyond it. */
    @SuppressWarnings("ReferenceEquality") // What is defined anew may be equal.
    static PMap<String, Object> module(
            PMap<String, Object> outer, PMap<String, Object> inner, String name) {
        PMap<String, Object> own = inner;
        for (var entry : outer.entrySet()) {
            if (inner.get(entry.getKey()) == entry.getValue()) {
                own = own.minus(entry.getKey());
            }
        }
        return named(outer, own, name);
    }

    private static PMap<String, Object> named(
            PMap<String, Object> scope, Map<String, Object> own, String name) {
        PMap<String, Object> all = scope;
        for (var entry : own.entrySet()) {
            all = all.plus(name + "." + entry.getKey(), entry.getValue());
        }
        return all;
    }

    /** The value of a name, or of a field of what a name means. */
    static Object value(PMap<String, Object> scope, String name) {
        return found(scope, name).orElseThrow(() -> wrong("unbound value " + name));
    }

    private static Optional<Object> found(PMap<String, Object> scope, String name) {
        Object value = scope.get(name);
        if (value instanceof Meaning.Knot knot) {
            return Optional.of(knot.value());
        }
        int dot = name.lastIndexOf('.');
        return value != null || dot < 0
                ? Optional.ofNullable(value)
                : found(scope, name.substring(0, dot))
                        .map(all -> all instanceof Map<?, ?> fields ? fields : Map.of())
                        .map(fields -> fields.get(name.substring(dot + 1)));
    }
}
