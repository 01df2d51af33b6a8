package vmm.config;

import static vmm.config.Meaning.apply;
import static vmm.config.Meaning.failure;
import static vmm.config.Meaning.wrong;
import static vmm.config.Prelude.isTrue;
import static vmm.config.Prelude.items;
import static vmm.config.Words.number;
import static vmm.config.Words.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import vmm.config.Meaning.Raised;
import vmm.config.Meaning.Tag;
import vmm.config.Meaning.Tuple;
import vmm.config.Meaning.Waiting;
import vmm.config.Meaning.Word;

/** The words of {@code config.ml} that compute with lists and texts. */
final class LibraryWords {
    /** A place in a format of printf's, with its flag, its width and what stands there. */
    private static final Pattern PLACE = Pattern.compile("%([0-]?)([0-9]{0,3})(.)", Pattern.DOTALL);

    private LibraryWords() {}

    static void add(Map<String, Object> words) {
        wholeLists(words);
        lists(words);
        folds(words);
        texts(words);
        one(words, "fst", pair -> part(pair, 0));
        one(words, "snd", pair -> part(pair, 1));
        one(words, "succ", n -> number(n) + 1);
        one(words, "pred", n -> number(n) - 1);
        two(words, "min", (a, b) -> Math.min(number(a), number(b)));
        two(words, "max", (a, b) -> Math.max(number(a), number(b)));
    }

    private static void one(Map<String, Object> words, String name, UnaryOperator<Object> meaning) {
        Words.add(words, name, 1, (a, _) -> meaning.apply(a.getFirst()));
    }

    private static void two(
            Map<String, Object> words, String name, BinaryOperator<Object> meaning) {
        Words.add(words, name, 2, (a, _) -> meaning.apply(a.getFirst(), a.get(1)));
    }

    private static Object part(Object pair, int index) {
        if (pair instanceof Tuple(var parts) && parts.size() == 2) {
            return parts.get(index);
        }
        throw wrong("a pair is wanted, not " + pair);
    }

    private static void wholeLists(Map<String, Object> words) {
        one(words, "List.rev", list -> List.copyOf(items(list)).reversed());
        one(words, "List.length", list -> items(list).size());
        one(words, "List.hd", list -> nth(items(list), 0, "hd"));
        one(
                words,
                "List.tl",
                list -> {
                    Object _ = nth(items(list), 0, "tl");
                    return items(list).subList(1, items(list).size());
                });
        for (String name : List.of("List.concat", "List.flatten")) {
            one(words, name, lists -> all(items(lists).stream().map(Prelude::items).toList()));
        }
        two(words, "List.nth", (list, n) -> nth(items(list), number(n), "nth"));
        two(words, "List.append", Prelude::appended);
        two(words, "List.mem", (item, list) -> items(list).contains(item));
        two(words, "List.combine", (some, others) -> zipped(some, others, Tuple::new));
        two(
                words,
                "List.assoc",
                (key, list) ->
                        items(list).stream()
                                .filter(pair -> part(pair, 0).equals(key))
                                .findFirst()
                                .map(pair -> part(pair, 1))
                                .orElseThrow(() -> new Raised(new Tag("Not_found"))));
    }

    private static List<Object> all(List<List<?>> lists) {
        var all = new ArrayList<Object>();
        lists.forEach(all::addAll);
        return all;
    }

    private static Object nth(List<?> list, int n, String why) {
        if (n < 0 || n >= list.size()) {
            throw failure(why);
        }
        return list.get(n);
    }

    private static List<Object> zipped(Object some, Object others, ListFunction each) {
        List<?> left = items(some);
        List<?> right = items(others);
        if (left.size() != right.size()) {
            throw wrong("two lists differ in length");
        }
        var results = new ArrayList<Object>();
        for (int i = 0; i < left.size(); i++) {
            results.add(each.of(List.of(left.get(i), right.get(i))));
        }
        return results;
    }

    /** What some values give together. */
    @FunctionalInterface
    private interface ListFunction {
        Object of(List<Object> values);
    }

    private static void lists(Map<String, Object> words) {
        two(
                words,
                "List.map",
                (f, list) -> all(List.of(items(list).stream().map(x -> apply(f, x)).toList())));
        two(
                words,
                "List.iter",
                (f, list) -> {
                    items(list).forEach(item -> apply(f, item));
                    return Meaning.UNIT;
                });
        two(
                words,
                "List.mapi",
                (f, list) ->
                        zipped(
                                counted(items(list).size()),
                                list,
                                pair -> apply(apply(f, pair.getFirst()), pair.get(1))));
        two(
                words,
                "List.init",
                (n, f) -> counted(number(n)).stream().map(i -> apply(f, i)).toList());
        two(
                words,
                "List.filter",
                (f, list) -> items(list).stream().filter(x -> isTrue(apply(f, x))).toList());
        two(
                words,
                "List.exists",
                (f, list) -> items(list).stream().anyMatch(x -> isTrue(apply(f, x))));
        two(
                words,
                "List.for_all",
                (f, list) -> items(list).stream().allMatch(x -> isTrue(apply(f, x))));
        Words.add(
                words,
                "List.map2",
                3,
                (a, _) ->
                        zipped(
                                a.get(1),
                                a.get(2),
                                p -> apply(apply(a.getFirst(), p.getFirst()), p.get(1))));
    }

    private static List<Integer> counted(int end) {
        var numbers = new ArrayList<Integer>();
        for (int i = 0; i < end; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    private static void folds(Map<String, Object> words) {
        Words.add(
                words,
                "List.fold_left",
                3,
                (a, _) -> {
                    Object value = a.get(1);
                    for (Object item : items(a.get(2))) {
                        value = apply(apply(a.getFirst(), value), item);
                    }
                    return value;
                });
        Words.add(
                words,
                "List.fold_right",
                3,
                (a, _) -> {
                    Object value = a.get(2);
                    for (Object item : items(a.get(1)).reversed()) {
                        value = apply(apply(a.getFirst(), item), value);
                    }
                    return value;
                });
    }

    private static void texts(Map<String, Object> words) {
        one(words, "String.length", value -> text(value).length());
        for (String name : List.of("String.capitalize", "String.capitalize_ascii")) {
            one(words, name, value -> Ocaml.capitalized(text(value)));
        }
        two(words, "String.concat", (sign, all) -> String.join(text(sign), Words.texts(all)));
        two(words, "Filename.concat", (folder, file) -> Ocaml.concat(text(folder), text(file)));
        Words.add(words, "String.sub", 3, (a, _) -> part(a));
        one(words, "Printf.sprintf", format -> printed(text(format)));
    }

    private static String part(List<Object> given) {
        String whole = text(given.getFirst());
        int from = number(given.get(1));
        int length = number(given.get(2));
        if (from < 0 || length < 0 || from > whole.length() - length) {
            throw new Raised(new Tag("Invalid_argument"));
        }
        return whole.substring(from, from + length);
    }

    /** The text, or a function that waits for what stands at the format's places. */
    private static Object printed(String format) {
        Matcher places = PLACE.matcher(format);
        int arity = (int) places.results().filter(place -> !place.group(3).equals("%")).count();
        return arity == 0
                ? filled(format, List.of())
                : new Waiting(
                        new Word("Printf.sprintf", arity, 0, (given, _) -> filled(format, given)));
    }

    private static String filled(String format, List<Object> given) {
        var out = new StringBuilder();
        int next = 0;
        Matcher place = PLACE.matcher(format);
        while (place.find()) {
            boolean percent = place.group(3).equals("%");
            String value = percent ? "%" : spelt(place.group(3), given.get(next++));
            int missing = place.group(2).isEmpty() ? 0 : Integer.parseInt(place.group(2));
            String fill =
                    (place.group(1).equals("0") ? "0" : " ")
                            .repeat(Math.max(0, missing - value.length()));
            String wide = place.group(1).equals("-") ? value + fill : fill + value;
            place.appendReplacement(out, Matcher.quoteReplacement(wide));
        }
        place.appendTail(out);
        return out.toString();
    }

    private static String spelt(String kind, Object value) {
        return switch (kind) {
            case "s" -> text(value);
            case "S" -> Ocaml.quoted(text(value));
            case "d", "i" -> String.valueOf(number(value));
            case "x" -> Integer.toHexString(number(value));
            case "b", "B" -> String.valueOf(isTrue(value));
            default -> throw wrong("'%" + kind + "' is not understood: use a .java file");
        };
    }
}
