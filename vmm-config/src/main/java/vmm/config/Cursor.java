package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A place in the tokens of a configuration. */
final class Cursor {
    /** What a definition begins with, or what follows the last one. */
    private static final Set<String> ITEMS =
            Set.of("let", "open", "include", "type", "exception", "module", ";;", "end");

    private final List<String> tokens;
    private int at;

    Cursor(String text) {
        tokens = Tokens.of(text);
    }

    boolean isAtEnd() {
        return at >= tokens.size();
    }

    /** The token that was taken last. */
    String last() {
        return tokens.get(at - 1);
    }

    void back() {
        at--;
    }

    /** The next token, or nothing at the end. */
    String peekOrNothing() {
        return at < tokens.size() ? tokens.get(at) : "";
    }

    String peek() {
        if (at >= tokens.size()) {
            throw wrong("it ends too early");
        }
        return tokens.get(at);
    }

    String next() {
        String token = peek();
        at++;
        return token;
    }

    boolean accept(String token) {
        if (at < tokens.size() && tokens.get(at).equals(token)) {
            at++;
            return true;
        }
        return false;
    }

    void expect(String token) {
        if (!accept(token)) {
            throw unexpected();
        }
    }

    ConfigException unexpected() {
        String found = at < tokens.size() ? tokens.get(at) : "the end";
        return wrong("'" + found + "' is not understood: use a .java file");
    }

    boolean startsAtom() {
        String token = peekOrNothing();
        if (token.isEmpty() || Tokens.KEYWORDS.contains(token)) {
            return token.equals("begin");
        }
        char first = token.charAt(0);
        return Character.isLetterOrDigit(first)
                || first == '_'
                || "(\"[{`~!".indexOf(first) >= 0
                || (first == '?' && token.length() > 1);
    }

    /** True where an argument with a label stands. */
    boolean startsLabel() {
        String token = peekOrNothing();
        return token.startsWith("~") || token.startsWith("?");
    }

    /** The sign of an operator in parentheses, as {@code (@)}; it is taken. */
    Optional<String> loneOperator() {
        if (at + 2 >= tokens.size()
                || !tokens.get(at).equals("(")
                || !Operators.signs().contains(tokens.get(at + 1))
                || !tokens.get(at + 2).equals(")")) {
            return Optional.empty();
        }
        at += 3;
        return Optional.of(tokens.get(at - 2));
    }

    /** Skips the rest of a definition that says nothing of values. */
    void skipDefinition() {
        while (!isAtEnd() && !ITEMS.contains(peek())) {
            at++;
        }
    }

    /** Skips a type up to a token outside of its parentheses. */
    void skipType(String end) {
        int depth = 0;
        while (depth > 0 || !peek().equals(end)) {
            String token = next();
            depth += token.equals("(") ? 1 : token.equals(")") ? -1 : 0;
        }
    }
}
