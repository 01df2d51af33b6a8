package vmm.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Numbers for nodes: two get the same one if their structure is the same. */
final class Identities {
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
        if (known == null) {
            known =
                    switch (node) {
                        case Node.Base(var device) -> of(device);
                        case Node.App(var function, var argument) ->
                                number(new AppKey(of(function), of(argument)));
                        case Node.Foreign foreign -> number(foreign);
                        case Node.Choice _ -> number(new Object());
                    };
            seen.put(node, known);
        }
        return known;
    }

    int of(Configurable device) {
        Integer known = devices.get(device);
        if (known == null) {
            var children = new ArrayList<Integer>();
            for (Node child : device.children()) {
                children.add(of(child));
            }
            var settings = device.settings(target);
            boolean own = settings.size() == 1 && settings.getFirst() instanceof Configurable;
            Class<?> type = own ? Configurable.class : device.getClass();
            known = number(new BaseKey(type, settings, children));
            devices.put(device, known);
        }
        return known;
    }

    private int number(Object key) {
        return numbers.computeIfAbsent(key, _ -> numbers.size());
    }
}
