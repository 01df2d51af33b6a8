package vmm.config;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** A way through a graph that comes to everything once, and to what is below it before. */
final class Walk {
    private Walk() {}

    /** What a node is made of, with all branches of conditions, from left to right. */
    static List<Node> below(Node node) {
        return switch (node) {
            case Node.App(var function, var argument) -> List.of(function, argument);
            case Node.Base(var device) -> device.children();
            case Node.Foreign _ -> List.of();
            case Node.Choice choice -> choice.all();
        };
    }

    static void through(Collection<Node> roots, Consumer<Node> visit) {
        through(roots, Walk::below, visit);
    }

    /** Goes through a graph that {@code below} tells; however deep, it takes no more stack. */
    static <T> void through(Collection<T> roots, Function<T, List<T>> below, Consumer<T> visit) {
        Set<T> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var ahead = new ArrayDeque<>(roots);
        var begun = new ArrayDeque<Integer>(); // how much was ahead with each of them
        for (T item = ahead.peek(); item != null; item = ahead.peek()) {
            if (seen.add(item)) {
                begun.push(ahead.size());
                List<T> parts = below.apply(item);
                for (int i = parts.size() - 1; i >= 0; i--) {
                    ahead.push(parts.get(i));
                }
                continue;
            }
            boolean isReady = !begun.isEmpty() && begun.getFirst() == ahead.size();
            ahead.pop();
            if (isReady) {
                begun.pop();
                visit.accept(item);
            }
        }
    }
}
