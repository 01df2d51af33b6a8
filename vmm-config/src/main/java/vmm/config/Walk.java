package vmm.config;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A way through a graph that comes to every node once, and to its parts before it. */
final class Walk {
    private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Consumer<Node> visit;

    private Walk(Consumer<Node> visit) {
        this.visit = visit;
    }

    static void through(List<Node> roots, Consumer<Node> visit) {
        var walk = new Walk(visit);
        roots.forEach(walk::to);
    }

    private void to(Node node) {
        if (!seen.add(node)) {
            return;
        }
        switch (node) {
            case Node.App(var function, var argument) -> {
                to(function);
                to(argument);
            }
            case Node.Base(var device) -> device.children().forEach(this::to);
            case Node.Foreign _ -> {}
            case Node.Choice(_, var branches, var otherwise) -> {
                branches.values().forEach(this::to);
                to(otherwise);
            }
        }
        visit.accept(node);
    }
}
