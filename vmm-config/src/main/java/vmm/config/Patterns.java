package vmm.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pcollections.PMap;
import vmm.config.Meaning.Pattern;
import vmm.config.Meaning.Tag;
import vmm.config.Meaning.Tuple;

/** Reads patterns. */
final class Patterns {
    private final Cursor c;

    Patterns(Cursor c) {
        this.c = c;
    }

    static Pattern name(String name) {
        return name.equals("_")
                ? (_, scope) -> Optional.of(scope)
                : (value, scope) -> Optional.of(scope.plus(name, value));
    }

    /** A pattern with its alternatives, and a name for all of it. */
    Pattern whole() {
        Pattern first = tuple();
        while (c.accept("|")) {
            Pattern a = first;
            Pattern b = tuple();
            first =
                    (value, scope) -> {
                        var found = a.match(value, scope);
                        return found.isPresent() ? found : b.match(value, scope);
                    };
        }
        if (!c.accept("as")) {
            return first;
        }
        Pattern inner = first;
        String name = c.next();
        return (value, scope) -> inner.match(value, scope).map(s -> s.plus(name, value));
    }

    Pattern tuple() {
        Pattern first = cons();
        if (!c.accept(",")) {
            return first;
        }
        var parts = new ArrayList<>(List.of(first, cons()));
        while (c.accept(",")) {
            parts.add(cons());
        }
        return (value, scope) ->
                value instanceof Tuple(var values) ? all(parts, values, scope) : Optional.empty();
    }

    private static Optional<PMap<String, Object>> all(
            List<Pattern> parts, List<?> values, PMap<String, Object> scope) {
        if (parts.size() != values.size()) {
            return Optional.empty();
        }
        var inner = Optional.of(scope);
        for (int i = 0; i < parts.size() && inner.isPresent(); i++) {
            inner = parts.get(i).match(values.get(i), inner.get());
        }
        return inner;
    }

    private Pattern cons() {
        Pattern head = applied();
        if (!c.accept("::")) {
            return head;
        }
        Pattern tail = cons();
        return (value, scope) ->
                value instanceof List<?> list && !list.isEmpty()
                        ? head.match(list.getFirst(), scope)
                                .flatMap(s -> tail.match(list.subList(1, list.size()), s))
                        : Optional.empty();
    }

    /** A constructor with its argument, or something smaller. */
    private Pattern applied() {
        String token = c.peek();
        boolean variant = token.startsWith("`");
        if (!variant && !Character.isUpperCase(token.charAt(0))) {
            return atom();
        }
        c.next();
        String name = token.substring(variant ? 1 : token.lastIndexOf('.') + 1);
        Optional<Pattern> argument = c.startsAtom() ? Optional.of(atom()) : Optional.empty();
        if (name.equals("Some") && argument.isPresent()) {
            Pattern some = argument.get();
            return (value, scope) ->
                    value instanceof Optional<?> maybe && maybe.isPresent()
                            ? some.match(maybe.get(), scope)
                            : Optional.empty();
        }
        if (name.equals("None")) {
            return constant(Optional.empty());
        }
        return (value, scope) -> {
            if (!(value instanceof Tag(var own, var given)) || !own.equals(name)) {
                return Optional.empty();
            }
            if (argument.isEmpty() || given.isEmpty()) {
                return argument.isEmpty() && given.isEmpty()
                        ? Optional.of(scope)
                        : Optional.empty();
            }
            return argument.get().match(given.get(), scope);
        };
    }

    private static Pattern constant(Object wanted) {
        return (value, scope) -> value.equals(wanted) ? Optional.of(scope) : Optional.empty();
    }

    Pattern atom() {
        String token = c.peek();
        char first = token.charAt(0);
        if (first == '`' || Character.isUpperCase(first)) {
            return applied();
        }
        c.next();
        if (first == '"') {
            return constant(token.substring(1));
        }
        if (Character.isDigit(first)) {
            return constant(Prelude.number(token));
        }
        return switch (token) {
            case "(" -> parenthesised();
            case "[" -> list();
            case "true" -> constant(true);
            case "false" -> constant(false);
            default -> variable(token);
        };
    }

    private Pattern variable(String token) {
        char first = token.charAt(0);
        if ((!Character.isLetter(first) && first != '_') || Tokens.KEYWORDS.contains(token)) {
            c.back();
            throw c.unexpected();
        }
        return name(token);
    }

    private Pattern parenthesised() {
        if (c.accept(")")) {
            return constant(Meaning.UNIT);
        }
        Pattern inner = whole();
        if (c.accept(":")) {
            c.skipType(")");
        }
        c.expect(")");
        return inner;
    }

    private Pattern list() {
        var parts = new ArrayList<Pattern>();
        while (!c.accept("]")) {
            parts.add(cons());
            c.accept(";");
        }
        return (value, scope) ->
                value instanceof List<?> values ? all(parts, values, scope) : Optional.empty();
    }
}
