package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import vmm.config.Meaning.Raised;
import vmm.config.Meaning.Tag;
import vmm.config.Meaning.Waiting;
import vmm.config.Meaning.Word;

/** The words of {@code config.ml} that OCaml's own libraries give. */
final class Prelude {
    private Prelude() {}

    static Map<String, Object> words(Target target, Map<String, String> environment) {
        var words = new LinkedHashMap<String, Object>();
        words.put("true", true);
        words.put("false", false);
        words.put("None", Optional.empty());
        word(words, "Some", Optional::of);
        word(words, "not", value -> !isTrue(value));
        word(words, "ignore", _ -> Meaning.UNIT);
        word(
                words,
                "failwith",
                why -> {
                    throw Meaning.failure(Words.text(why));
                });
        word(words, "get_mode", _ -> new Tag(mode(target)));
        for (String name : List.of("Sys.getenv", "Unix.getenv")) {
            word(words, name, key -> variable(environment, Words.text(key)));
        }
        word(words, "Sys.getenv_opt", key -> Optional.ofNullable(environment.get(Words.text(key))));
        for (String name : List.of("String.lowercase", "String.lowercase_ascii")) {
            word(words, name, text -> Words.text(text).toLowerCase(Locale.ROOT));
        }
        for (String name : List.of("String.uppercase", "String.uppercase_ascii")) {
            word(words, name, text -> Words.text(text).toUpperCase(Locale.ROOT));
        }
        word(words, "String.trim", text -> Words.text(text).strip());
        word(words, "int_of_string", text -> number(Words.text(text)));
        word(words, "string_of_int", String::valueOf);
        word(words, "bool_of_string", Prelude::truth);
        addresses(words);
        word(
                words,
                "raise",
                tag -> {
                    throw tag instanceof Tag what ? new Raised(what) : wrong("no exception");
                });
        word(words, "string_of_bool", value -> String.valueOf(isTrue(value)));
        LibraryWords.add(words);
        return words;
    }

    private static void addresses(Map<String, Object> words) {
        for (String same :
                List.of(
                        "Ipaddr.V4.of_string_exn",
                        "Ipaddr.V4.Prefix.of_string_exn",
                        "Ipaddr.V6.of_string_exn",
                        "Ipaddr.V6.Prefix.of_string_exn")) {
            word(words, same, Words::text);
        }
        words.put("Ipaddr.V4.any", "0.0.0.0");
        words.put("Ipaddr.V4.unspecified", "0.0.0.0");
        words.put("Ipaddr.V4.localhost", "127.0.0.1");
        words.put("Ipaddr.V4.broadcast", "255.255.255.255");
        words.put("Ipaddr.V6.unspecified", "::");
        words.put("Ipaddr.V6.localhost", "::1");
        Meaning.Body make =
                (given, _) -> String.join(".", given.stream().map(String::valueOf).toList());
        words.put("Ipaddr.V4.make", new Waiting(new Word("Ipaddr.V4.make", 4, 0, make)));
    }

    private static void word(
            Map<String, Object> words, String name, UnaryOperator<Object> meaning) {
        words.put(
                name,
                new Waiting(new Word(name, 1, 0, (given, _) -> meaning.apply(given.getFirst()))));
    }

    /** The target as a variant's name. */
    static String mode(Target target) {
        return switch (target) {
            case MACOSX -> "MacOSX";
            case UNIKRAFT_FIRECRACKER -> "Firecracker";
            case UNIKRAFT_QEMU -> "QEMU";
            default -> Ocaml.capitalized(target.toString());
        };
    }

    private static Object variable(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null) {
            throw new Raised(new Tag("Not_found"));
        }
        return value;
    }

    private static Object truth(Object text) {
        return switch (Words.text(text)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Raised(new Tag("Invalid_argument", Optional.of("bool_of_string")));
        };
    }

    static boolean isTrue(Object value) {
        if (value instanceof Boolean truth) {
            return truth;
        }
        throw wrong("true or false is wanted, not " + value);
    }

    /** What a number in the notation is. */
    static int number(String text) {
        try {
            return Integer.decode(text.replace("_", "").replaceFirst("^0+(?=[0-9])", ""));
        } catch (NumberFormatException _) {
            throw Meaning.failure("int_of_string");
        }
    }

    static List<Object> appended(Object first, Object second) {
        var all = new ArrayList<Object>(items(first));
        all.addAll(items(second));
        return all;
    }

    static List<?> items(Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw wrong("a list is wanted, not " + value);
    }
}
