package vmm.config;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Something that a unikernel is told: when it boots, as one word {@code --name=value}, or when its
 * graph is configured, where a {@link Value} asks for it.
 *
 * @param fallback what holds where nothing is said; empty: it must be said
 * @param kind how its values are spelt
 * @param doc one line for who must choose
 */
public record Key<T>(String name, Optional<T> fallback, Spelling<T> kind, String doc) {
    /**
     * How values are spelt.
     *
     * @param wanted what a value is, for messages
     * @param ocaml the converter of values in cmdliner
     * @param read empty: no such value
     */
    public record Spelling<T>(
            String wanted,
            String ocaml,
            Function<T, String> spell,
            Function<String, Optional<T>> read) {
        static final Spelling<String> TEXT =
                new Spelling<>("a text", "string", t -> t, Optional::of);
        static final Spelling<Long> NUMBER =
                new Spelling<>("a number", "int", String::valueOf, Spelling::number);
        static final Spelling<Boolean> FLAG =
                new Spelling<>(
                        "true or false",
                        "bool",
                        String::valueOf,
                        text -> one(text, List.of("true", "false")).map(Boolean::valueOf));

        /** A value in OCaml. */
        String literal(T value) {
            String text = spell.apply(value);
            return ocaml.equals("string") ? Ocaml.quoted(text) : "(" + text + ")";
        }

        private static Optional<Long> number(String text) {
            return text.matches("-?[0-9]{1,18}")
                    ? Optional.of(Long.parseLong(text))
                    : Optional.empty();
        }

        private static Optional<String> one(String text, List<String> of) {
            return of.contains(text) ? Optional.of(text) : Optional.empty();
        }

        static Spelling<String> oneOf(List<String> values) {
            return new Spelling<>(
                    "one of " + String.join(", ", values),
                    "string",
                    t -> t,
                    text -> one(text, values));
        }
    }

    public Key {
        if (!name.matches("[a-zA-Z0-9][a-zA-Z0-9-]*")) {
            throw new ConfigException(
                    "'" + name + "' is no name of a key: letters, digits and '-' are");
        }
    }

    /** A key whose value is a text and must be told. */
    public static Key<String> text(String name, String doc) {
        return new Key<>(name, Optional.empty(), Spelling.TEXT, doc);
    }

    /** A key whose value is a number and must be told. */
    public static Key<Long> number(String name, String doc) {
        return new Key<>(name, Optional.empty(), Spelling.NUMBER, doc);
    }

    /** A key whose value is true or false and must be told. */
    public static Key<Boolean> flag(String name, String doc) {
        return new Key<>(name, Optional.empty(), Spelling.FLAG, doc);
    }

    /** A key whose value is one of these and must be told. */
    public static Key<String> oneOf(String name, String doc, String... values) {
        return new Key<>(name, Optional.empty(), Spelling.oneOf(List.of(values)), doc);
    }

    /** This key, which need not be told. */
    public Key<T> orElse(T value) {
        return new Key<>(name, Optional.of(value), kind, doc);
    }

    /** The value that {@code text} spells. */
    T read(String text) {
        return kind.read
                .apply(text)
                .orElseThrow(
                        () ->
                                new ConfigException(
                                        "the key '"
                                                + name
                                                + "' is "
                                                + kind.wanted
                                                + ", not '"
                                                + text
                                                + "'"));
    }

    /** The argument that tells it. */
    String argument(T value) {
        String text = kind.spell.apply(value);
        if (text.indexOf('\0') >= 0) {
            throw new ConfigException("the key '" + name + "': no value has a zero byte");
        }
        if (kind.read.apply(text).isEmpty()) {
            throw new ConfigException(
                    "the key '" + name + "' is " + kind.wanted + ", not '" + text + "'");
        }
        return "--" + name + "=" + text;
    }
}
