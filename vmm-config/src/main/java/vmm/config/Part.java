package vmm.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A device in a graph for release 4; of one {@link Store} there are no two of the same structure.
 */
final class Part {
    private final int number;
    private final Form form;
    private final List<Part> arguments;
    private final List<Part> before;

    private Part(int number, Form form, List<Part> arguments, List<Part> before) {
        this.number = number;
        this.form = form;
        this.arguments = List.copyOf(arguments);
        this.before = List.copyOf(before);
    }

    Form form() {
        return form;
    }

    /** What its functor is applied to. */
    List<Part> arguments() {
        return arguments;
    }

    /** What is connected before it, and given to it after its arguments. */
    List<Part> before() {
        return before;
    }

    /** What it is given when it is connected. */
    List<Part> given() {
        return joined(arguments, before);
    }

    /** The same in the order in which they are connected. */
    List<Part> below() {
        return joined(before, arguments);
    }

    private static List<Part> joined(List<Part> some, List<Part> others) {
        var all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    boolean isFunctor() {
        return !arguments.isEmpty();
    }

    /** Parts by their structure. */
    static final class Store {
        private record Key(Form form, List<Integer> arguments, List<Integer> before) {}

        private final Map<Key, Part> parts = new HashMap<>();

        Part part(Form form, Part... arguments) {
            return part(form, List.of(arguments), List.of());
        }

        Part part(Form form, List<Part> arguments, List<Part> before) {
            var key = new Key(form, numbers(arguments), numbers(before));
            Part known = parts.get(key);
            if (known == null) {
                known = new Part(parts.size(), form, arguments, before);
                parts.put(key, known);
            }
            return known;
        }

        private static List<Integer> numbers(List<Part> parts) {
            return parts.stream().map(part -> part.number).toList();
        }
    }
}
