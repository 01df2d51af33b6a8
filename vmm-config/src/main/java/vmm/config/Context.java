package vmm.config;

import java.util.Map;

/**
 * What is known when a graph is configured.
 *
 * @param settings what is said of keys that conditions ask for, by their names
 */
public record Context(Target target, Map<String, String> settings) {
    public Context {
        settings = Map.copyOf(settings);
    }

    /** The context of {@code target} where nothing else is said. */
    public static Context of(Target target) {
        return new Context(target, Map.of());
    }

    <T> T value(Key<T> key) {
        String told = settings.get(key.name());
        if (told != null) {
            return key.read(told);
        }
        return key.fallback()
                .orElseThrow(
                        () ->
                                new ConfigException(
                                        "the key '"
                                                + key.name()
                                                + "' is wanted for the graph ("
                                                + key.doc()
                                                + "): say --set "
                                                + key.name()
                                                + "=VALUE"));
    }
}
