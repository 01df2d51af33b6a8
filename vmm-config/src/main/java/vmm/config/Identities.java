package vmm.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Numbers for nodes: two get the same one if their structure is the same. */
final class Identities {
    /** In place of children, where only what else a device is made of counts. */
    private static final Node ANY = new Node.Foreign("_", List.of(), List.of());

    private record BaseKey(Class<?> device, List<Object> settings, List<Integer> children) {}

    private record AppKey(int function, int argument) {}

    private final Target target;
    private final IdentityHashMap<Node, Integer> seen = new IdentityHashMap<>();
    private final IdentityHashMap<Configurable, Integer> devices = new IdentityHashMap<>();
    private final Map<Object, Integer> numbers = new HashMap<>();

    Identities(Target target) {
        this.target = target;
    }

    int of(Node node) {
        Integer known = seen.get(node);
        return known == null ? numbered(node) : known;
    }

    private int numbered(Node root) {
        Walk.through(
                List.of(root),
                node -> seen.containsKey(node) ? List.of() : Walk.below(node),
                node -> {
                    if (!seen.containsKey(node)) {
                        seen.put(node, number(node));
                    }
                });
        return of(root);
    }

    private int number(Node node) {
        return switch (node) {
            case Node.Base(var device) -> of(device);
            case Node.App(var function, var argument) ->
                    number(new AppKey(of(function), of(argument)));
            case Node.Foreign foreign -> number((Object) foreign);
            case Node.Choice _ -> number(new Object());
        };
    }

    int of(Configurable device) {
        Integer known = devices.get(device);
        if (known == null) {
            var children = new ArrayList<Integer>();
            for (Node child : device.children()) {
                children.add(of(child));
            }
            known = number(key(device, children));
            devices.put(device, known);
        }
        return known;
    }

    private BaseKey key(Configurable device, List<Integer> children) {
        var settings = device.settings(target);
        boolean own = settings.size() == 1 && settings.getFirst() instanceof Configurable;
        if (own && !children.isEmpty()) {
            // A record's hash goes through its children: for shared ones, nearly without end.
            settings = List.of(device.with(_ -> ANY));
        }
        return new BaseKey(own ? Configurable.class : device.getClass(), settings, children);
    }

    private int number(Object key) {
        return numbers.computeIfAbsent(key, _ -> numbers.size());
    }
}
