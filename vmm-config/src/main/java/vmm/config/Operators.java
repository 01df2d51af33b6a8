package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.IntBinaryOperator;
import org.pcollections.PMap;

/** The operators of {@code config.ml}, by their signs; a configuration may define them anew. */
final class Operators {
    /** Those that take their left side first and bind least. */
    static final Set<String> LEFT = Set.of("$", "|>", "=", "==", "<>", "!=", "<", ">", "<=", ">=");

    /** Those that take their right side first. */
    static final Set<String> RIGHT = Set.of("@->", "@@", "@", "^");

    static final Set<String> SUM = Set.of("+", "-");
    static final Set<String> PRODUCT = Set.of("*", "/", "mod");

    private static final Map<String, BinaryOperator<Object>> MEANINGS =
            Map.ofEntries(
                    Map.entry("$", Words::apply),
                    Map.entry("|>", (value, function) -> Meaning.apply(function, value)),
                    Map.entry("=", Object::equals),
                    Map.entry("==", Object::equals),
                    Map.entry("<>", (a, b) -> !a.equals(b)),
                    Map.entry("!=", (a, b) -> !a.equals(b)),
                    Map.entry("<", (a, b) -> compared(a, b) < 0),
                    Map.entry(">", (a, b) -> compared(a, b) > 0),
                    Map.entry("<=", (a, b) -> compared(a, b) <= 0),
                    Map.entry(">=", (a, b) -> compared(a, b) >= 0),
                    Map.entry("@->", Words::arrow),
                    Map.entry("@@", Meaning::apply),
                    Map.entry("@", Prelude::appended),
                    Map.entry("^", (a, b) -> Words.text(a) + Words.text(b)),
                    Map.entry("+", (a, b) -> computed(Math::addExact, a, b)),
                    Map.entry("-", (a, b) -> computed(Math::subtractExact, a, b)),
                    Map.entry("*", (a, b) -> computed(Math::multiplyExact, a, b)),
                    Map.entry("/", (a, b) -> computed((x, y) -> x / y, a, b)),
                    Map.entry("mod", (a, b) -> computed((x, y) -> x % y, a, b)));

    private Operators() {}

    /** The signs of all operators. */
    static Set<String> signs() {
        return new HashSet<>(MEANINGS.keySet());
    }

    /** What an operator that a configuration defines is called. */
    static String name(String sign) {
        return "(" + sign + ")";
    }

    /** What an operator gives for its two sides. */
    static Object applied(PMap<String, Object> scope, String sign, Object left, Object right) {
        Object own = scope.get(name(sign));
        if (own != null) {
            return Meaning.apply(Meaning.apply(own, left), right);
        }
        BinaryOperator<Object> meaning = MEANINGS.get(sign);
        if (meaning == null) {
            throw new AssertionError("no meaning of " + sign);
        }
        return meaning.apply(left, right);
    }

    private static int compared(Object a, Object b) {
        return a instanceof Integer x && b instanceof Integer y
                ? x.compareTo(y)
                : Words.text(a).compareTo(Words.text(b));
    }

    private static int computed(IntBinaryOperator operator, Object a, Object b) {
        try {
            return operator.applyAsInt(Words.number(a), Words.number(b));
        } catch (ArithmeticException e) {
            throw wrong("numbers go wrong: " + e.getMessage());
        }
    }
}
