package vmm.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The names given out in one generation: a key keeps its name, a base counts from 1. */
final class Naming {
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, String> fixed = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    String of(String key, String base) {
        String name = names.get(key);
        if (name == null) {
            do {
                name = base + counts.merge(base, 1, Integer::sum);
            } while (!taken.add(name));
            names.put(key, name);
        }
        return name;
    }

    /** {@code wanted}, or it with a number where another key has it. */
    String fixed(String key, String wanted) {
        String name = fixed.get(key);
        if (name == null) {
            name = wanted;
            for (int i = 2; !taken.add(name); i++) {
                name = wanted + "_" + i;
            }
            fixed.put(key, name);
        }
        return name;
    }
}
