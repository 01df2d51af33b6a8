package vmm.config;

import java.util.Optional;
import java.util.function.Function;

/**
 * Something that the unikernel is told when it boots: one word {@code --name=value}.
 *
 * @param fallback what holds where nothing is said; empty: it must be said
 * @param spelling how a value is written
 * @param doc one line for who must choose
 */
public record Key<T>(String name, Optional<T> fallback, Function<T, String> spelling, String doc) {
    public Key {
        if (!name.matches("[a-zA-Z0-9][a-zA-Z0-9-]*")) {
            throw new ConfigException("'" + name + "' is no name of a key");
        }
    }

    /** A key whose value is a text and must be told. */
    public static Key<String> text(String name, String doc) {
        return new Key<>(name, Optional.empty(), t -> t, doc);
    }

    /** A key whose value is a number and must be told. */
    public static Key<Long> number(String name, String doc) {
        return new Key<>(name, Optional.empty(), String::valueOf, doc);
    }

    /** A key whose value is true or false and must be told. */
    public static Key<Boolean> flag(String name, String doc) {
        return new Key<>(name, Optional.empty(), String::valueOf, doc);
    }

    /** This key, which need not be told. */
    public Key<T> orElse(T value) {
        return new Key<>(name, Optional.of(value), spelling, doc);
    }

    /** The argument that tells it. */
    String argument(T value) {
        String text = spelling.apply(value);
        if (text.indexOf('\0') >= 0) {
            throw new ConfigException("the key '" + name + "': no value has a zero byte");
        }
        return "--" + name + "=" + text;
    }
}
