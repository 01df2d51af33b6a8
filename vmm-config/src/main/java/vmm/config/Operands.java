package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import vmm.config.Meaning.Expression;
import vmm.config.Meaning.Tag;
import vmm.config.Meaning.Tuple;

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
    private record Operation(BinaryOperator<Object> operator, Expression right) {}

    /** The operators that take their left side first: long chains of them are a loop. */
    private Expression comparison() {
        Expression first = join();
        var rest = new ArrayList<Operation>();
        for (var next = leftFirst(); next.isPresent(); next = leftFirst()) {
            c.next();
            rest.add(new Operation(next.get(), join()));
        }
        return rest.isEmpty()
                ? first
                : scope -> {
                    Object value = first.in(scope);
                    for (Operation each : rest) {
                        value = each.operator.apply(value, each.right.in(scope));
                    }
                    return value;
                };
    }

    private Optional<BinaryOperator<Object>> leftFirst() {
        return Optional.<BinaryOperator<Object>>ofNullable(
                switch (c.peekOrNothing()) {
                    case "$" -> Words::apply;
                    case "|>" -> (value, function) -> Meaning.apply(function, value);
                    case "=", "==" -> Object::equals;
                    case "<>" -> (a, b) -> !a.equals(b);
                    default -> null;
                });
    }

    /** The operators that take their right side first. */
    private Expression join() {
        Expression first = cons();
        var rest = new ArrayList<Operation>();
        for (var next = rightFirst(); next.isPresent(); next = rightFirst()) {
            c.next();
            rest.add(new Operation(next.get(), cons()));
        }
        return rest.isEmpty()
                ? first
                : scope -> {
                    Object value = rest.getLast().right.in(scope);
                    for (int i = rest.size() - 1; i >= 0; i--) {
                        Expression left = i == 0 ? first : rest.get(i - 1).right;
                        value = rest.get(i).operator.apply(left.in(scope), value);
                    }
                    return value;
                };
    }

    private Optional<BinaryOperator<Object>> rightFirst() {
        return Optional.<BinaryOperator<Object>>ofNullable(
                switch (c.peekOrNothing()) {
                    case "@->" -> Words::arrow;
                    case "@@" -> Meaning::apply;
                    case "@" -> Prelude::appended;
                    case "^" -> (x, y) -> Words.text(x) + Words.text(y);
                    default -> null;
                });
    }

    private Expression cons() {
        Expression head = application();
        if (!c.accept("::")) {
            return head;
        }
        Expression tail = cons();
        return scope -> Prelude.appended(List.of(head.in(scope)), tail.in(scope));
    }

    private Expression application() {
        Expression function = atom();
        while (c.startsAtom()) {
            Expression f = function;
            String token = c.peek();
            if (token.startsWith("~") || token.startsWith("?")) {
                c.next();
                function = labelled(f, token);
            } else {
                Expression argument = atom();
                function = scope -> Meaning.apply(f.in(scope), argument.in(scope));
            }
        }
        return function;
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
        String token = c.next();
        char first = token.charAt(0);
        if (first == '"') {
            return _ -> token.substring(1);
        }
        if (Character.isDigit(first)) {
            int number = Prelude.number(token);
            return _ -> number;
        }
        if (first == '`') {
            return variant(token.substring(1));
        }
        return switch (token) {
            case "(" -> inner(")");
            case "begin" -> inner("end");
            case "[" -> list();
            case "{" -> record();
            case "Key." -> {
                c.expect("(");
                yield inner(")");
            }
            default -> name(token);
        };
    }

    private Expression variant(String name) {
        if (!c.startsAtom()) {
            return _ -> new Tag(name);
        }
        Expression argument = atom();
        return scope -> new Tag(name, Optional.of(argument.in(scope)));
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
        while (!c.accept("}")) {
            String field = c.next();
            String last = field.substring(field.lastIndexOf('.') + 1);
            fields.put(last, c.accept("=") ? whole.single() : name(field));
            if (!c.accept(";") && !c.peek().equals("}")) {
                throw c.unexpected();
            }
        }
        return scope -> {
            var values = new LinkedHashMap<String, Object>();
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
        String last = name.startsWith("Mirage.") ? name.substring("Mirage.".length()) : name;
        boolean constructor = Character.isUpperCase(last.charAt(0)) && last.indexOf('.') < 0;
        if (constructor && !last.equals("None") && !last.equals("Some")) {
            return variant(last);
        }
        return scope -> {
            Object value = scope.get(last);
            if (value == null) {
                value = scope.get("Key." + last);
            }
            if (value == null) {
                throw wrong("unbound value " + name);
            }
            return value;
        };
    }
}
