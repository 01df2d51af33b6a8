package vmm.config;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
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
        var seen = Collections.<Node>newSetFromMap(new IdentityHashMap<>());
        nodes.forEach(node -> collect(g, node, packages, found, seen));
        return found;
    }

    private static void collect(
            Generation g, Node root, boolean packages, Set<String> found, Set<Node> seen) {
        Node at = root;
        while (seen.add(at)) {
            switch (at) {
                case Node.App(var function, var argument) -> {
                    collect(g, argument, packages, found, seen);
                    at = function;
                }
                case Node.Choice _ -> throw new AssertionError("no branch has been chosen");
                case Node.Foreign f -> found.addAll(packages ? f.packages() : f.libraries());
                case Node.Base(var device) -> {
                    for (Node child : device.linked(packages).reversed()) {
                        collect(g, child, packages, found, seen);
                    }
                    found.addAll(packages ? device.packages(g) : device.libraries(g));
                }
            }
        }
    }
}
