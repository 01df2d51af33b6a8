package vmm.config;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** What nodes need of others: the names of packages and of libraries. */
final class Needs {
    private Needs() {}

    /** The packages of all nodes. */
    static SortedSet<String> packages(Generation g, List<Node> nodes) {
        return all(g, nodes, true);
    }

    /** The libraries of all nodes. */
    static SortedSet<String> libraries(Generation g, List<Node> nodes) {
        return all(g, nodes, false);
    }

    private static SortedSet<String> all(Generation g, List<Node> nodes, boolean packages) {
        var found = new TreeSet<String>();
        Walk.through(
                nodes,
                node -> linked(node, packages),
                node -> {
                    switch (node) {
                        case Node.Foreign f ->
                                found.addAll(packages ? f.packages() : f.libraries());
                        case Node.Base(var device) ->
                                found.addAll(packages ? device.packages(g) : device.libraries(g));
                        case Node.App _, Node.Choice _ -> {}
                    }
                });
        return found;
    }

    /** From right to left: numbers in names depend on it. */
    private static List<Node> linked(Node node, boolean packages) {
        return switch (node) {
            case Node.App(var function, var argument) -> List.of(argument, function);
            case Node.Base(var device) -> device.linked(packages).reversed();
            case Node.Foreign _ -> List.of();
            case Node.Choice _ -> throw new AssertionError("no branch has been chosen");
        };
    }
}
