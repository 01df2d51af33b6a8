package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vmm.config.Meaning.Tag;
import vmm.config.Meaning.Tuple;
import vmm.config.Meaning.Waiting;
import vmm.config.Meaning.Word;

/** The words of {@code config.ml} for conditions; {@code Key.(…)} may stand around them. */
final class ChoiceWords {
    private ChoiceWords() {}

    static void add(Map<String, Object> words) {
        words.put("Key.target", Value.TARGET.map(target -> new Tag(Prelude.mode(target))));
        words.put("Key.is_unix", Value.IS_UNIX);
        words.put("Key.is_xen", Value.IS_XEN);
        words.put("Key.is_solo5", Value.IS_SOLO5);
        Words.add(words, "Key.value", 1, (a, _) -> value(a.getFirst()));
        Words.add(
                words,
                "if_impl",
                3,
                (a, _) ->
                        chosen(
                                value(a.getFirst()),
                                List.of(new Tuple(List.of(true, a.get(1)))),
                                a.get(2)));
        Words.add(
                words,
                "match_impl",
                2,
                (a, l) -> matched(value(a.getFirst()), a.get(1), l.get("default")));
    }

    /** The branch, or a function that waits for {@code ~default}. */
    private static Object matched(Value<?> value, Object branches, @Nullable Object otherwise) {
        if (!(branches instanceof List<?> all)) {
            throw wrong("match_impl wants a list of branches");
        }
        if (otherwise != null) {
            return chosen(value, all, otherwise);
        }
        return new Waiting(
                new Word("match_impl", 0, 1, (_, l) -> matched(value, all, l.get("default"))));
    }

    private static Value<?> value(Object value) {
        if (value instanceof Value<?> known) {
            return known;
        }
        throw wrong("a key, as Key.target, is wanted where the graph branches, not " + value);
    }

    private static Implementation chosen(Value<?> value, List<?> branches, Object otherwise) {
        if (!(otherwise instanceof Implementation fallback)) {
            throw wrong("branches are devices, not " + otherwise);
        }
        var nodes = new LinkedHashMap<Object, Node>();
        for (Object branch : branches) {
            if (!(branch instanceof Tuple(var parts))
                    || parts.size() != 2
                    || !(parts.get(1) instanceof Implementation device)) {
                throw wrong("a branch is a value and a device, as (`Xen, DEVICE)");
            }
            Optional<String> why = fallback.typ().problem(device);
            if (why.isPresent()) {
                throw wrong(why.get());
            }
            nodes.put(parts.getFirst(), device.node());
        }
        return Mirage.rewrapped(fallback, new Node.Choice(value, nodes, fallback.node()));
    }
}
