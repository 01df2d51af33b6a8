package vmm.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An application seen as a whole: a functor and all arguments that it has been given.
 *
 * @param head what is applied; where nothing is, the node itself
 * @param arguments in the order of the graph
 */
record Spine(Node head, List<Node> arguments) {
    static Spine of(Node node) {
        var reversed = new ArrayList<Node>();
        Node at = node;
        while (at instanceof Node.App(var function, var argument)) {
            reversed.add(argument);
            at = function;
        }
        return new Spine(at, List.copyOf(reversed.reversed()));
    }

    /** The argument that the state of a functor of the user's begins with. */
    Optional<Node> first() {
        return head instanceof Node.Foreign ? arguments.stream().findFirst() : Optional.empty();
    }

    /** The arguments beside {@link #first}. */
    List<Node> others() {
        return first().isPresent() ? arguments.subList(1, arguments.size()) : arguments;
    }

    /** What a device that stands at the head is made of. */
    List<Node> dependencies() {
        return head instanceof Node.Base(var device) ? device.children() : List.of();
    }
}
