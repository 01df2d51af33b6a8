package vmm.config;

import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;

/**
 * Texts about nodes, each made once, while those of other nodes may be asked for.
 *
 * <p>Where that goes too deep, the way down is given up and the deepest text made first: what has
 * been made until then is known when the way is gone again.
 */
final class Texts {
    private static final int NESTED_MAX = 100;

    /** How deep questions are nested, about all texts of a graph. */
    static final class Depth {
        private int nested;
    }

    private final Depth depth;
    private final Function<Node, List<Node>> before;
    private final Function<Node, String> make;
    private final IdentityHashMap<Node, String> known = new IdentityHashMap<>();

    /**
     * Texts that {@code make} makes.
     *
     * @param before the nodes that are asked about first, in this order
     */
    Texts(Depth depth, Function<Node, List<Node>> before, Function<Node, String> make) {
        this.depth = depth;
        this.before = before;
        this.make = make;
    }

    String of(Node node) {
        String text = known.get(node);
        if (text == null) {
            Walk.through(
                    List.of(node),
                    each -> known.containsKey(each) ? List.of() : before.apply(each),
                    each -> {
                        if (!known.containsKey(each)) {
                            known.put(each, made(each));
                        }
                    });
            text = known.getOrDefault(node, "");
        }
        return text;
    }

    private String made(Node node) {
        if (depth.nested == NESTED_MAX) {
            throw new TooDeep(this, node);
        }
        return depth.nested == 0 ? madeFromBelow(node) : nested(node);
    }

    private String nested(Node node) {
        depth.nested++;
        try {
            return make.apply(node);
        } finally {
            depth.nested--;
        }
    }

    private String madeFromBelow(Node node) {
        var waiting = new ArrayDeque<TooDeep>();
        while (true) {
            try {
                for (TooDeep next = waiting.peek(); next != null; next = waiting.peek()) {
                    next.texts.known.put(next.node, next.texts.nested(next.node));
                    waiting.pop();
                }
                return nested(node);
            } catch (TooDeep deeper) {
                waiting.push(deeper);
            }
        }
    }

    /** Asks for a text that must be made before others. */
    private static final class TooDeep extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Texts texts;
        private final transient Node node;

        TooDeep(Texts texts, Node node) {
            super(null, null, false, false);
            this.texts = texts;
            this.node = node;
        }
    }
}
