package vmm.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pcollections.PMap;

/** What the notation of {@code config.ml} speaks of: values that are no devices, types or texts. */
final class Meaning {
    /** The only value of its type. */
    static final Tuple UNIT = new Tuple(List.of());

    /** A variant, as {@code `TCP (`Port 80)}, or a constructor, as {@code Not_found}. */
    record Tag(String name, Optional<Object> argument) {
        Tag(String name) {
            this(name, Optional.empty());
        }
    }

    /** Values side by side. */
    record Tuple(List<Object> parts) {
        Tuple {
            parts = List.copyOf(parts);
        }
    }

    /**
     * A function, by name for messages.
     *
     * @param arity how many arguments without label it takes
     * @param labels how many labels it takes; matters where arity is 0
     */
    record Word(String name, int arity, int labels, Body body) {}

    /** What a function gives for its arguments. */
    @FunctionalInterface
    interface Body {
        Object of(List<Object> given, Map<String, Object> labels);
    }

    /** A function that has some of its arguments and waits for the others. */
    record Waiting(Word word, List<Object> given, Map<String, Object> labels) {
        Waiting(Word word) {
            this(word, List.of(), Map.of());
        }
    }

    /** An expression. */
    @FunctionalInterface
    interface Expression {
        Object in(PMap<String, Object> scope);
    }

    /** A word that release 4 has for a type, and release 2.5 for a function. */
    record Twofold(Typ<?> typ, Waiting function) {}

    /** What a name means that is being defined, for functions that call themselves. */
    static final class Knot {
        private Object value = UNIT;

        void tie(Object defined) {
            value = defined;
        }

        Object value() {
            return value;
        }
    }

    /** A pattern: the scope with what it binds, or empty if {@code value} has another form. */
    @FunctionalInterface
    interface Pattern {
        Optional<PMap<String, Object>> match(Object value, PMap<String, Object> scope);
    }

    /** An exception of the configuration's, as {@code Not_found}. */
    static final class Raised extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial")
        private final Tag tag;

        Raised(Tag tag) {
            super(tag.name, null, false, false);
            this.tag = tag;
        }

        Tag tag() {
            return tag;
        }
    }

    private Meaning() {}

    static Raised failure(String why) {
        return new Raised(new Tag("Failure", Optional.of(why)));
    }

    static ConfigException wrong(String why) {
        return new ConfigException("Error loading config: " + why);
    }

    /** Gives a function one argument more; calls it once it has all. */
    static Object apply(Object function, Object argument) {
        Waiting waiting = waiting(function);
        var given = new ArrayList<>(waiting.given);
        given.add(argument);
        if (given.size() == waiting.word.arity()) {
            return waiting.word.body().of(given, waiting.labels);
        }
        return new Waiting(waiting.word, given, waiting.labels);
    }

    /** Gives a function an argument with a label. */
    static Object label(Object function, String label, Object argument) {
        Waiting waiting = waiting(function);
        var labels = new LinkedHashMap<>(waiting.labels);
        labels.put(label, argument);
        if (waiting.word.arity() == 0 && labels.size() == waiting.word.labels()) {
            return waiting.word.body().of(waiting.given, labels);
        }
        return new Waiting(waiting.word, waiting.given, labels);
    }

    private static Waiting waiting(Object function) {
        if (function instanceof Waiting waiting) {
            return waiting;
        }
        if (function instanceof Twofold both) {
            return both.function;
        }
        throw wrong(
                function instanceof Implementation device
                        ? "this has type " + device.typ() + ", it is applied with $"
                        : "only a function can be given an argument");
    }
}
