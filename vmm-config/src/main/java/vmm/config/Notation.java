package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import vmm.config.Meaning.Expression;
import vmm.config.Meaning.Knot;
import vmm.config.Meaning.Pattern;
import vmm.config.Meaning.Raised;
import vmm.config.Meaning.Tag;
import vmm.config.Meaning.Waiting;
import vmm.config.Meaning.Word;

/**
 * Reads the notation of {@code config.ml}, as far as configurations use it: OCaml's expressions,
 * patterns and {@code let}, modules of such definitions; types are skipped, loops refused.
 */
final class Notation {
    private PMap<String, Object> names;
    private Cursor c = new Cursor("");
    private Patterns patterns = new Patterns(c);
    private Operands operands = new Operands(c, this);

    Notation(Target target, Map<String, String> environment) {
        var words = Words.all(target);
        words.putAll(Prelude.words(target, environment));
        names = HashTreePMap.from(words);
    }

    /** Runs a whole file. */
    void program(String text) {
        run(
                text,
                () -> {
                    items();
                    if (!c.isAtEnd()) {
                        throw c.unexpected();
                    }
                    return Meaning.UNIT;
                });
    }

    /** Runs definitions, up to the end of the file or of their module. */
    private void items() {
        while (!c.isAtEnd() && !c.peek().equals("end")) {
            switch (c.next()) {
                case ";;" -> {}
                case "open", "include" -> names = Scopes.opened(names, c.next());
                case "type", "exception" -> c.skipDefinition();
                case "module" -> module();
                case "let" -> definition();
                default -> {
                    c.back();
                    sequence().in(names);
                }
            }
        }
    }

    private void module() {
        String name = c.next();
        c.expect("=");
        if (c.accept("struct")) {
            var outer = names;
            items();
            c.expect("end");
            names = Scopes.module(outer, names, name);
        } else {
            names = Scopes.renamed(names, c.next(), name);
            if (c.peekOrNothing().equals("(")) {
                throw c.unexpected();
            }
        }
    }

    private void definition() {
        if (c.peekOrNothing().equals("open")) {
            c.back();
            sequence().in(names);
            return;
        }
        Definition defined = defined();
        if (c.accept("in")) {
            sequence().in(defined.in(names));
        } else {
            names = defined.in(names);
        }
    }

    /** The value of one expression. */
    Object value(String text) {
        return run(
                text,
                () -> {
                    Expression expression = sequence();
                    if (!c.isAtEnd()) {
                        throw c.unexpected();
                    }
                    return expression.in(names);
                });
    }

    private Object run(String text, Supplier<Object> meaning) {
        c = new Cursor(text);
        patterns = new Patterns(c);
        operands = new Operands(c, this);
        try {
            return meaning.get();
        } catch (Raised raised) {
            throw uncaught(raised);
        } catch (StackOverflowError _) {
            throw wrong("an expression is nested too deep: give parts of it names of their own");
        }
    }

    private static ConfigException uncaught(Raised raised) {
        return wrong(raised.tag().argument().map(String::valueOf).orElse(raised.tag().name()));
    }

    void bind(String name, Object value) {
        names = names.plus(name, value);
    }

    /** What stands between {@code let} and the body: names that are defined together. */
    private record Definition(boolean isRecursive, List<Binding> all) {
        PMap<String, Object> in(PMap<String, Object> scope) {
            var inner = scope;
            var knots = new ArrayList<Knot>();
            for (Binding each : isRecursive ? all : List.<Binding>of()) {
                knots.add(new Knot());
                inner = inner.plus(each.name, knots.getLast());
            }
            var found = scope;
            for (int i = 0; i < all.size(); i++) {
                Object value = all.get(i).value.in(inner);
                if (isRecursive) {
                    knots.get(i).tie(value);
                }
                found =
                        all.get(i)
                                .pattern
                                .match(value, found)
                                .orElseThrow(() -> new Raised(new Tag("Match_failure")));
            }
            return found;
        }
    }

    private record Binding(String name, Pattern pattern, Expression value) {}

    private Definition defined() {
        boolean isRecursive = c.accept("rec");
        var all = new ArrayList<Binding>();
        do {
            all.add(binding());
        } while (c.accept("and"));
        return new Definition(isRecursive, all);
    }

    private Binding binding() {
        Optional<String> operator = c.loneOperator().map(Operators::name);
        Pattern pattern = operator.isPresent() ? Patterns.name(operator.get()) : patterns.tuple();
        String name = operator.orElse(c.last());
        var parameters = parameters();
        if (c.accept(":")) {
            c.skipType("=");
        }
        c.expect("=");
        Expression body = sequence();
        return new Binding(
                name, pattern, parameters.isEmpty() ? body : function(name, parameters, body));
    }

    /** One parameter; without label the label is empty. */
    private record Parameter(String label, Optional<Expression> fallback, Pattern pattern) {}

    private List<Parameter> parameters() {
        var found = new ArrayList<Parameter>();
        while (!Set.of("=", ":", "->").contains(c.peek())) {
            found.add(parameter());
        }
        return found;
    }

    private Parameter parameter() {
        String token = c.peek();
        if (token.equals("?")) {
            c.next();
            c.expect("(");
            String name = c.next();
            if (c.accept(":")) {
                c.skipType("=");
            }
            c.expect("=");
            Expression fallback = sequence();
            c.expect(")");
            return new Parameter("?" + name, Optional.of(fallback), Patterns.name(name));
        }
        if (token.startsWith("~") || token.startsWith("?")) {
            c.next();
            String name = token.substring(1).replace(":", "");
            Pattern pattern = token.endsWith(":") ? patterns.atom() : Patterns.name(name);
            String label = token.charAt(0) == '?' ? "?" + name : name;
            return new Parameter(label, Optional.empty(), pattern);
        }
        return new Parameter("", Optional.empty(), patterns.atom());
    }

    private static Expression function(String name, List<Parameter> parameters, Expression body) {
        int arity = (int) parameters.stream().filter(p -> p.label.isEmpty()).count();
        return scope -> {
            Meaning.Body meaning =
                    (given, labels) -> {
                        var inner = scope;
                        int next = 0;
                        for (Parameter parameter : parameters) {
                            Object value =
                                    parameter.label.isEmpty()
                                            ? given.get(next++)
                                            : labelled(name, parameter, labels, inner);
                            inner =
                                    parameter
                                            .pattern
                                            .match(value, inner)
                                            .orElseThrow(
                                                    () -> new Raised(new Tag("Match_failure")));
                        }
                        return body.in(inner);
                    };
            return new Waiting(new Word(name, arity, parameters.size() - arity, meaning));
        };
    }

    private static Object labelled(
            String name, Parameter p, Map<String, Object> labels, PMap<String, Object> scope) {
        boolean optional = p.label.startsWith("?");
        Object value = labels.get(optional ? p.label.substring(1) : p.label);
        if (p.fallback.isPresent()) {
            return value == null ? p.fallback.get().in(scope) : value;
        }
        if (optional) {
            return Optional.ofNullable(value);
        }
        if (value == null) {
            throw wrong(name + " wants ~" + p.label);
        }
        return value;
    }

    /** Expressions with semicolons between them. */
    Expression sequence() {
        Expression first = single();
        while (c.accept(";")) {
            if (!startsExpression()) {
                break;
            }
            Expression before = first;
            Expression after = sequence();
            first =
                    scope -> {
                        before.in(scope);
                        return after.in(scope);
                    };
        }
        return first;
    }

    private boolean startsExpression() {
        return c.startsAtom()
                || Set.of("let", "if", "match", "try", "fun").contains(c.peekOrNothing());
    }

    /** An expression without semicolons. */
    Expression single() {
        return switch (c.peekOrNothing()) {
            case "let" -> let();
            case "if" -> condition();
            case "match" -> match();
            case "try" -> attempt();
            case "fun" -> lambda();
            case "function" -> cases();
            default -> operands.tuple();
        };
    }

    private Expression let() {
        c.expect("let");
        if (c.accept("open")) {
            String module = c.next();
            c.expect("in");
            Expression inner = sequence();
            return scope -> inner.in(Scopes.opened(scope, module));
        }
        Definition defined = defined();
        c.expect("in");
        Expression body = sequence();
        return scope -> body.in(defined.in(scope));
    }

    private Expression condition() {
        c.expect("if");
        Expression test = single();
        c.expect("then");
        Expression yes = single();
        Expression no = c.accept("else") ? single() : _ -> Meaning.UNIT;
        return scope -> Prelude.isTrue(test.in(scope)) ? yes.in(scope) : no.in(scope);
    }

    private record Arm(Pattern pattern, Optional<Expression> guard, Expression body) {}

    private List<Arm> arms() {
        var arms = new ArrayList<Arm>();
        c.accept("|");
        do {
            Pattern pattern = patterns.whole();
            Optional<Expression> guard =
                    c.accept("when") ? Optional.of(single()) : Optional.empty();
            c.expect("->");
            arms.add(new Arm(pattern, guard, sequence()));
        } while (c.accept("|"));
        return arms;
    }

    private static Optional<Object> chosen(
            List<Arm> arms, Object value, PMap<String, Object> scope) {
        for (Arm arm : arms) {
            var inner = arm.pattern.match(value, scope);
            if (inner.isPresent()
                    && (arm.guard.isEmpty() || Prelude.isTrue(arm.guard.get().in(inner.get())))) {
                return Optional.of(arm.body.in(inner.get()));
            }
        }
        return Optional.empty();
    }

    private static Object first(List<Arm> arms, Object value, PMap<String, Object> scope) {
        return chosen(arms, value, scope).orElseThrow(() -> new Raised(new Tag("Match_failure")));
    }

    private Expression match() {
        c.expect("match");
        Expression value = sequence();
        c.expect("with");
        List<Arm> arms = arms();
        return scope -> first(arms, value.in(scope), scope);
    }

    private Expression attempt() {
        c.expect("try");
        Expression value = sequence();
        c.expect("with");
        List<Arm> arms = arms();
        return scope -> {
            try {
                return value.in(scope);
            } catch (Raised raised) {
                return chosen(arms, raised.tag(), scope).orElseThrow(() -> raised);
            }
        };
    }

    private Expression lambda() {
        c.expect("fun");
        var parameters = parameters();
        c.expect("->");
        return function("a function", parameters, sequence());
    }

    private Expression cases() {
        c.expect("function");
        List<Arm> arms = arms();
        return scope ->
                new Waiting(
                        new Word(
                                "a function",
                                1,
                                0,
                                (given, _) -> first(arms, given.getFirst(), scope)));
    }
}
