package vmm.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.constructor.StandardConstructor;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * A configuration in YAML: a name, devices and jobs in the words of {@code config.ml}, keys, and
 * how it is deployed.
 */
final class YamlConfig {
    private YamlConfig() {}

    static void read(String text, Target target, Map<String, String> environment) {
        Map<String, Object> all = map("the file", parsed(text));
        known(
                "the file",
                all,
                Set.of(
                        "name",
                        "settings",
                        "devices",
                        "jobs",
                        "keys",
                        "packages",
                        "libraries",
                        "deploy"));
        var notation = new Notation(target, environment);
        map("settings", all.getOrDefault("settings", Map.of()))
                .forEach((name, value) -> notation.bind(name, setting(name, value)));
        map("devices", all.getOrDefault("devices", Map.of()))
                .forEach((name, value) -> notation.bind(name, notation.value(text(name, value))));
        var jobs = new ArrayList<Dev<Kind.Job>>();
        for (Object job : list("jobs", all.getOrDefault("jobs", List.of()))) {
            jobs.add(job(notation.value(text("jobs", job))));
        }
        var keys = new LinkedHashMap<String, Key<String>>();
        map("keys", all.getOrDefault("keys", Map.of()))
                .forEach((name, value) -> keys.put(name, key(name, value)));
        var project =
                new Project(
                        text("name", all.getOrDefault("name", "")),
                        jobs,
                        Optional.empty(),
                        List.copyOf(keys.values()),
                        Set.copyOf(texts("packages", all)),
                        Set.copyOf(texts("libraries", all)),
                        Map.of());
        Loading.register(project);
        if (all.containsKey("deploy")) {
            deploy(project, keys, map("deploy", all.getOrDefault("deploy", "")));
        }
    }

    /** The maps, lists and texts that the file holds: every scalar is a text. */
    private static Object parsed(String text) {
        var settings = LoadSettings.builder().setSchema(new FailsafeSchema()).build();
        try {
            Object value =
                    new StandardConstructor(settings)
                            .constructSingleDocument(BoundedYaml.document(settings, text));
            return value == null ? Map.of() : value;
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new ConfigException("line " + line + ": no YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ConfigException("no YAML: " + e.getMessage());
        }
    }

    @SuppressWarnings("unchecked")
    private static Dev<Kind.Job> job(Object value) {
        if (value instanceof Dev<?> device && Mirage.JOB.problem(device).isEmpty()) {
            return (Dev<Kind.Job>) device;
        }
        String type = value instanceof Implementation impl ? " but " + impl.typ() : "";
        throw new ConfigException("jobs: one is no job" + type);
    }

    /** What conditions in the devices may ask for; true or false where no values are listed. */
    private static Value<?> setting(String name, Object value) {
        Map<String, Object> fields = map(name, value);
        known(name, fields, Set.of("doc", "default", "values"));
        String doc = text("doc", fields.getOrDefault("doc", name));
        String fallback =
                fields.containsKey("default") ? text(name, fields.getOrDefault("default", "")) : "";
        List<String> values = texts("values", fields);
        return values.isEmpty()
                ? value(Key.flag(name, doc), fallback)
                : value(Key.oneOf(name, doc, values.toArray(String[]::new)), fallback);
    }

    private static <T> Value<T> value(Key<T> key, String fallback) {
        return Value.of(fallback.isEmpty() ? key : key.orElse(key.read(fallback)));
    }

    private static Key<String> key(String name, Object value) {
        if (value instanceof Map<?, ?> fields) {
            Object doc = fields.get("doc");
            Object fallback = fields.get("default");
            Key<String> key = Key.text(name, doc == null ? name : String.valueOf(doc));
            return fallback == null ? key : key.orElse(String.valueOf(fallback));
        }
        return Key.text(name, text(name, value));
    }

    private static Key<String> key(Map<String, Key<String>> keys, String name) {
        Key<String> key = keys.get(name);
        if (key == null) {
            throw new ConfigException(
                    "the project has no key '"
                            + name
                            + "': there are "
                            + (keys.isEmpty() ? "none" : String.join(", ", keys.keySet())));
        }
        return key;
    }

    private static void deploy(
            Project project, Map<String, Key<String>> keys, Map<String, Object> all) {
        known(
                "deploy",
                all,
                Set.of(
                        "name",
                        "image",
                        "memory",
                        "cpus",
                        "networks",
                        "blocks",
                        "keys",
                        "arguments",
                        "restart",
                        "startup",
                        "add-name"));
        Plan.Builder plan = project.plan();
        plan.memory(number("memory", all.getOrDefault("memory", "32")));
        texts("cpus", all).forEach(id -> plan.cpus(number("cpus", id)));
        map("networks", all.getOrDefault("networks", Map.of()))
                .forEach((name, to) -> plan.bind(name, Binding.bridge(text(name, to))));
        map("blocks", all.getOrDefault("blocks", Map.of()))
                .forEach((name, to) -> plan.bind(name, Binding.volume(text(name, to))));
        map("keys", all.getOrDefault("keys", Map.of()))
                .forEach((name, value) -> plan.set(key(keys, name), text(name, value)));
        plan.arguments(texts("arguments", all).toArray(String[]::new));
        if (all.containsKey("restart") && !"false".equals(all.get("restart"))) {
            boolean every = "true".equals(all.get("restart"));
            plan.restart(
                    every
                            ? new long[0]
                            : texts("restart", all).stream()
                                    .mapToLong(c -> number("restart", c))
                                    .toArray());
        }
        if (all.containsKey("startup")) {
            plan.startup(number("startup", all.getOrDefault("startup", "")));
        }
        if ("false".equals(all.get("add-name"))) {
            plan.withoutName();
        }
        Loading.deploy(
                text("name", all.getOrDefault("name", project.name())),
                plan.build(),
                text("image", all.getOrDefault("image", project.name() + ".hvt")));
    }

    private static void known(String where, Map<String, Object> all, Set<String> words) {
        for (String key : all.keySet()) {
            if (!words.contains(key)) {
                throw new ConfigException(where + " has an unknown word '" + key + "'");
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(String what, Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new ConfigException(what + ": 'KEY: VALUE' lines are wanted");
    }

    /** One item alone may stand without brackets. */
    private static List<?> list(String what, Object value) {
        if (value instanceof Map<?, ?>) {
            throw new ConfigException(what + ": a list is wanted");
        }
        return value instanceof List<?> list ? list : List.of(value);
    }

    private static List<String> texts(String key, Map<String, Object> all) {
        return list(key, all.getOrDefault(key, List.of())).stream().map(v -> text(key, v)).toList();
    }

    private static String text(String what, Object value) {
        if (value instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new ConfigException(what + ": a text is wanted");
    }

    private static long number(String what, Object value) {
        String text = text(what, value);
        if (!text.matches("[0-9]{1,9}")) {
            throw new ConfigException(what + ": '" + text + "' is no number");
        }
        return Long.parseLong(text);
    }
}
