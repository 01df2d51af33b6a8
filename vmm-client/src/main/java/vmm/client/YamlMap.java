package vmm.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import picocli.CommandLine.TypeConversionException;

/**
 * A mapping of a YAML file whose keys are taken one by one; what is wrong is told with its line.
 */
final class YamlMap {
    private final String file;
    private final Node node;
    private final Map<String, Node> left = new LinkedHashMap<>();
    private final List<String> known = new ArrayList<>();

    private YamlMap(String file, Node node) {
        this.file = file;
        this.node = node;
    }

    static YamlMap of(String file, Node node) throws ClientFailure {
        var map = new YamlMap(file, node);
        if (isEmpty(node)) {
            return map;
        }
        if (!(node instanceof MappingNode mapping)) {
            throw map.wrong(node, "here has to be 'key: value', indented alike");
        }
        for (var tuple : mapping.getValue()) {
            String key = map.scalar(tuple.getKeyNode());
            if (map.left.put(key, tuple.getValueNode()) != null) {
                throw map.wrong(tuple.getKeyNode(), "'" + key + "' is there twice");
            }
        }
        return map;
    }

    private static boolean isEmpty(Node node) {
        return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
    }

    ClientFailure wrong(Node at, String why) {
        int line = at.getStartMark().map(Mark::getLine).orElse(0) + 1;
        return ClientFailure.usage(file + ":" + line + ": " + why);
    }

    ClientFailure wrong(String why) {
        return wrong(node, why);
    }

    /** What reads one entry of a mapping whose keys are names. */
    @FunctionalInterface
    interface Entry<K> {
        void read(K key, YamlMap value) throws ClientFailure;
    }

    /** Every entry of the mapping at {@code key}. */
    <K> void each(String key, Function<String, K> converter, Entry<K> entry) throws ClientFailure {
        Optional<Node> found = take(key);
        if (found.isEmpty()) {
            return;
        }
        YamlMap entries = of(file, found.get());
        for (var one : entries.left.entrySet()) {
            YamlMap value = of(file, one.getValue());
            entry.read(value.converted(one.getValue(), one.getKey(), converter), value);
            value.end();
        }
    }

    Optional<String> text(String key) throws ClientFailure {
        Optional<Node> found = take(key);
        return found.isEmpty() ? Optional.empty() : Optional.of(scalar(found.get()));
    }

    String required(String key, String what) throws ClientFailure {
        return text(key).orElseThrow(() -> wrong("'" + key + "' is missing: " + what));
    }

    Optional<Long> number(String key) throws ClientFailure {
        Optional<Node> found = take(key);
        return found.isEmpty() ? Optional.empty() : Optional.of(number(found.get()));
    }

    boolean flag(String key, boolean otherwise) throws ClientFailure {
        Optional<Node> found = take(key);
        if (found.isEmpty()) {
            return otherwise;
        }
        String text = scalar(found.get());
        if (!text.equals("true") && !text.equals("false")) {
            throw wrong(found.get(), "'" + text + "' is neither true nor false");
        }
        return text.equals("true");
    }

    List<Long> numbers(String key) throws ClientFailure {
        var all = new ArrayList<Long>();
        for (Node item : items(key)) {
            all.add(number(item));
        }
        return all;
    }

    <T> List<T> list(String key, Function<String, T> converter) throws ClientFailure {
        var all = new ArrayList<T>();
        for (Node item : items(key)) {
            all.add(converted(item, scalar(item), converter));
        }
        return all;
    }

    /** All that may stand here has been taken: what is left is a mistake. */
    void end() throws ClientFailure {
        for (var unknown : left.entrySet()) {
            throw wrong(
                    unknown.getValue(),
                    "'"
                            + unknown.getKey()
                            + "' is not known here: there are "
                            + String.join(", ", known));
        }
    }

    private Optional<Node> take(String key) {
        known.add(key);
        return Optional.ofNullable(left.remove(key)).filter(value -> !isEmpty(value));
    }

    /** One item alone may stand without brackets. */
    private List<Node> items(String key) {
        return switch (take(key).orElse(null)) {
            case null -> List.of();
            case SequenceNode sequence -> sequence.getValue();
            case Node one -> List.of(one);
        };
    }

    private String scalar(Node at) throws ClientFailure {
        if (at instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw wrong(at, "here has to be one word or number");
    }

    private long number(Node at) throws ClientFailure {
        String text = scalar(at);
        if (!text.matches("-?[0-9]{1,18}")) {
            throw wrong(at, "'" + text + "' is no whole number");
        }
        return Long.parseLong(text);
    }

    private <T> T converted(Node at, String text, Function<String, T> converter)
            throws ClientFailure {
        try {
            return converter.apply(text);
        } catch (TypeConversionException e) {
            throw wrong(at, String.valueOf(e.getMessage()));
        }
    }
}
