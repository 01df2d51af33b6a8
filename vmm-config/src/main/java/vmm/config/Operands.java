package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.pcollections.PMap;
import vmm.config.Meaning.Expression;
import vmm.config.Meaning.Tag;
import vmm.config.Meaning.Tuple;
import vmm.config.Meaning.Waiting;
import vmm.config.Meaning.Word;

/** Reads operators and what stands between them; {@link Notation} reads what is around. */
final class Operands {
    private final Cursor c;
    private final Notation whole;

    Operands(Cursor c, Notation whole) {
        this.c = c;
        this.whole = whole;
    }

    Expression tuple() {
        Expression first = disjunction();
        if (!c.peekOrNothing().equals(",")) {
            return first;
        }
        var parts = new ArrayList<>(List.of(first));
        while (c.accept(",")) {
            parts.add(disjunction());
        }
        return scope -> new Tuple(parts.stream().map(part -> part.in(scope)).toList());
    }

    private Expression disjunction() {
        Expression left = conjunction();
        while (c.accept("||")) {
            Expression a = left;
            Expression b = conjunction();
            left = scope -> Prelude.isTrue(a.in(scope)) || Prelude.isTrue(b.in(scope));
        }
        return left;
    }

    private Expression conjunction() {
        Expression left = comparison();
        while (c.accept("&&")) {
            Expression a = left;
            Expression b = comparison();
            left = scope -> Prelude.isTrue(a.in(scope)) && Prelude.isTrue(b.in(scope));
        }
        return left;
    }

    /** An operator with what stands to its right. */
    private record Operation(String sign, Expression right) {}

    private Expression comparison() {
        return leftFirst(Operators.LEFT, this::join);
    }

    /** Operators that take their left side first: long chains of them are a loop. */
    private Expression leftFirst(Set<String> signs, Supplier<Expression> side) {
        Expression first = side.get();
        var rest = operations(signs, side);
        return rest.isEmpty()
                ? first
                : scope -> {
                    Object value = first.in(scope);
                    for (Operation each : rest) {
                        value = Operators.applied(scope, each.sign, value, each.right.in(scope));
                    }
                    return value;
                };
    }

    private List<Operation> operations(Set<String> signs, Supplier<Expression> side) {
        var found = new ArrayList<Operation>();
        while (signs.contains(c.peekOrNothing())) {
            found.add(new Operation(c.next(), side.get()));
        }
        return found;
    }

    /** The operators that take their right side first. */
    private Expression join() {
        Expression first = cons();
        var rest = operations(Operators.RIGHT, this::cons);
        return rest.isEmpty()
                ? first
                : scope -> {
                    Object value = rest.getLast().right.in(scope);
                    for (int i = rest.size() - 1; i >= 0; i--) {
                        Expression left = i == 0 ? first : rest.get(i - 1).right;
                        value = Operators.applied(scope, rest.get(i).sign, left.in(scope), value);
                    }
                    return value;
                };
    }

    private Expression cons() {
        Expression head = sum();
        if (!c.accept("::")) {
            return head;
        }
        Expression tail = cons();
        return scope -> Prelude.appended(List.of(head.in(scope)), tail.in(scope));
    }

    private Expression sum() {
        return leftFirst(Operators.SUM, () -> leftFirst(Operators.PRODUCT, this::signed));
    }

    private Expression signed() {
        if (!c.accept("-")) {
            return application();
        }
        Expression positive = signed();
        return scope -> Math.negateExact(Words.number(positive.in(scope)));
    }

    /** A function with its arguments: first those with labels, wherever they stand. */
    private Expression application() {
        Expression function = atom();
        if (function instanceof Bare(var name) && c.startsAtom() && !c.startsLabel()) {
            Expression argument = atom();
            return scope -> new Tag(name, Optional.of(argument.in(scope)));
        }
        var arguments = new ArrayList<Expression>();
        while (c.startsAtom()) {
            if (c.startsLabel()) {
                function = labelled(function, c.next());
            } else {
                arguments.add(atom());
            }
        }
        Expression applied = function;
        for (Expression argument : arguments) {
            Expression f = applied;
            applied = scope -> Meaning.apply(f.in(scope), argument.in(scope));
        }
        return applied;
    }

    private Expression labelled(Expression function, String token) {
        String label = token.substring(1).replace(":", "");
        Expression argument = token.endsWith(":") ? atom() : name(label);
        boolean optional = token.charAt(0) == '?';
        return scope -> {
            Object f = function.in(scope);
            Object value = argument.in(scope);
            if (!optional) {
                return Meaning.label(f, label, value);
            }
            if (!(value instanceof Optional<?> maybe)) {
                throw wrong("?" + label + " wants an option");
            }
            return maybe.isPresent() ? Meaning.label(f, label, maybe.get()) : f;
        };
    }

    private Expression atom() {
        Optional<String> operator = c.loneOperator();
        if (operator.isPresent()) {
            return operator(operator.get());
        }
        String token = c.next();
        char first = token.charAt(0);
        if (first == '"') {
            return _ -> token.substring(1);
        }
        if (Character.isDigit(first)) {
            return number(token);
        }
        if (first == '`') {
            return new Bare(token.substring(1));
        }
        return switch (token) {
            case "(" -> inner(")");
            case "begin" -> inner("end");
            case "[" -> list();
            case "{" -> record();
            default -> token.endsWith(".") ? opening(token) : name(token);
        };
    }

    private static Expression number(String token) {
        if (!token.endsWith("L")) {
            int number = Prelude.number(token);
            return _ -> number;
        }
        String digits = token.substring(0, token.length() - 1).replace("_", "");
        if (!digits.matches("[0-9]{1,18}")) {
            throw wrong("'" + token + "' is no number");
        }
        long number = Long.parseLong(digits);
        return _ -> number;
    }

    private static Expression operator(String sign) {
        return scope ->
                new Waiting(
                        new Word(
                                Operators.name(sign),
                                2,
                                0,
                                (given, _) ->
                                        Operators.applied(
                                                scope, sign, given.getFirst(), given.get(1))));
    }

    /** An expression where a module's names stand alone, as {@code Mirage.(…)}. */
    private Expression opening(String token) {
        Expression inner = atom();
        String module = token.substring(0, token.length() - 1);
        return scope -> inner.in(Scopes.opened(scope, module));
    }

    /** A variant or a constructor that has no argument, or not yet. */
    private record Bare(String name) implements Expression {
        @Override
        public Object in(PMap<String, Object> scope) {
            return new Tag(name);
        }
    }

    private Expression inner(String end) {
        if (c.accept(end)) {
            return _ -> Meaning.UNIT;
        }
        Expression value = whole.sequence();
        if (c.accept(":")) {
            c.skipType(end);
        }
        c.expect(end);
        return value;
    }

    private Expression list() {
        var items = new ArrayList<Expression>();
        while (!c.accept("]")) {
            items.add(whole.single());
            if (!c.accept(";") && !c.peek().equals("]")) {
                throw c.unexpected();
            }
        }
        return scope -> items.stream().map(item -> item.in(scope)).toList();
    }

    private Expression record() {
        var fields = new LinkedHashMap<String, Expression>();
        Expression others = _ -> Map.of();
        while (!c.accept("}")) {
            String field = c.next();
            if (fields.isEmpty() && c.accept("with")) {
                others = name(field);
                continue;
            }
            String last = field.substring(field.lastIndexOf('.') + 1);
            fields.put(last, c.accept("=") ? whole.single() : name(field));
            if (!c.accept(";") && !c.peek().equals("}")) {
                throw c.unexpected();
            }
        }
        Expression base = others;
        return scope -> {
            var values = new LinkedHashMap<Object, Object>();
            if (base.in(scope) instanceof Map<?, ?> known) {
                values.putAll(known);
            }
            fields.forEach((field, value) -> values.put(field, value.in(scope)));
            return values;
        };
    }

    private Expression name(String name) {
        boolean word = Character.isLetter(name.charAt(0)) || name.charAt(0) == '_';
        if (!word || Tokens.KEYWORDS.contains(name)) {
            c.back();
            throw c.unexpected();
        }
        String own = name.startsWith("Mirage.") ? name.substring("Mirage.".length()) : name;
        String last = own.substring(own.lastIndexOf('.') + 1);
        return Character.isUpperCase(last.charAt(0)) && !Set.of("None", "Some").contains(last)
                ? new Bare(last)
                : scope -> Scopes.value(scope, own);
    }
}
