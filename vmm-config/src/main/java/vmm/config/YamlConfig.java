package vmm.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A configuration in YAML: a name, devices and jobs in the words of {@code config.ml}, keys, and
 * how it is deployed.
 */
final class YamlConfig {
    private YamlConfig() {}

    static void read(String text, Target target, Map<String, String> environment) {
        Map<String, Object> all = map("the file", Yaml.read(text));
        known(
                "the file",
                all,
                Set.of("name", "devices", "jobs", "keys", "packages", "libraries", "deploy"));
        var notation = new Notation(target, environment);
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
                        Set.copyOf(texts("libraries", all)));
        Loading.register(project);
        if (all.containsKey("deploy")) {
            deploy(project, keys, map("deploy", all.getOrDefault("deploy", "")));
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

    private static Key<String> key(String name, Object value) {
        if (value instanceof Map<?, ?> fields) {
            Object doc = fields.get("doc");
            Object fallback = fields.get("default");
            Key<String> key = Key.text(name, doc == null ? name : String.valueOf(doc));
            return fallback == null ? key : key.orElse(String.valueOf(fallback));
        }
        return Key.text(name, text(name, value));
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
                .forEach(
                        (name, value) ->
                                plan.set(
                                        keys.getOrDefault(name, Key.text(name, "")),
                                        text(name, value)));
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

    private static List<?> list(String what, Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new ConfigException(what + ": a list is wanted");
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
