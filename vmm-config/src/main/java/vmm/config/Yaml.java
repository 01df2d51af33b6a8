package vmm.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the part of YAML that configurations need: maps, lists and scalars, in blocks or in flow.
 *
 * <p>Values are {@code Map<String, Object>}, {@code List<Object>} and {@code String}.
 */
final class Yaml {
    static final int DEPTH_MAX = 32;

    private record Line(int number, int indent, String text) {}

    private final List<Line> lines = new ArrayList<>();
    private int at;

    private Yaml(String text) {
        int number = 0;
        for (String raw : text.lines().toList()) {
            number++;
            String line = uncommented(raw).stripTrailing();
            String bare = line.stripLeading();
            if (line.indexOf('\t') >= 0 && line.indexOf('\t') < line.length() - bare.length()) {
                throw new ConfigException("line " + number + ": indent with spaces, not with tabs");
            }
            if (!bare.isEmpty() && !bare.equals("---")) {
                lines.add(new Line(number, line.length() - bare.length(), bare));
            }
        }
    }

    static Object read(String text) {
        var yaml = new Yaml(text);
        if (yaml.lines.isEmpty()) {
            return Map.of();
        }
        Object value = yaml.block(yaml.lines.getFirst().indent, 0);
        if (yaml.at < yaml.lines.size()) {
            throw yaml.wrong("this is indented otherwise than what it belongs to");
        }
        return value;
    }

    private static String uncommented(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '#' && (i == 0 || line.charAt(i - 1) == ' ')) {
                return line.substring(0, i);
            }
        }
        return line;
    }

    private ConfigException wrong(String why) {
        int number = at < lines.size() ? lines.get(at).number : lines.getLast().number;
        return new ConfigException("line " + number + ": " + why);
    }

    private Object block(int indent, int depth) {
        if (depth > DEPTH_MAX) {
            throw wrong("nested deeper than " + DEPTH_MAX);
        }
        return lines.get(at).text.startsWith("- ") || lines.get(at).text.equals("-")
                ? items(indent, depth)
                : entries(indent, depth);
    }

    private List<Object> items(int indent, int depth) {
        var items = new ArrayList<Object>();
        while (at < lines.size() && lines.get(at).indent == indent) {
            Line line = lines.get(at);
            if (!line.text.startsWith("-")) {
                throw wrong("a list goes on with '- '");
            }
            String rest = line.text.substring(1).stripLeading();
            if (rest.isEmpty()) {
                at++;
                items.add(nested(indent, depth));
            } else if (keyEnd(rest) > 0 && !rest.startsWith("{")) {
                int inner = indent + (line.text.length() - rest.length());
                lines.set(at, new Line(line.number, inner, rest));
                items.add(entries(inner, depth + 1));
            } else {
                at++;
                items.add(scalar(rest));
            }
        }
        return items;
    }

    private Map<String, Object> entries(int indent, int depth) {
        var entries = new LinkedHashMap<String, Object>();
        while (at < lines.size() && lines.get(at).indent == indent) {
            String text = lines.get(at).text;
            int end = keyEnd(text);
            if (end <= 0) {
                throw wrong("'KEY: VALUE' is wanted");
            }
            String key = String.valueOf(scalar(text.substring(0, end).strip()));
            String rest = text.substring(end + 1).strip();
            if (entries.containsKey(key)) {
                throw wrong("'" + key + "' stands here twice");
            }
            if (rest.isEmpty()) {
                at++;
                entries.put(key, nested(indent, depth));
            } else {
                entries.put(key, scalar(rest));
                at++;
            }
        }
        return entries;
    }

    private Object nested(int indent, int depth) {
        boolean more = at < lines.size();
        boolean list = more && lines.get(at).text.startsWith("-") && lines.get(at).indent == indent;
        if (more && (lines.get(at).indent > indent || list)) {
            return block(lines.get(at).indent, depth + 1);
        }
        return "";
    }

    /** Where the colon after a key is; 0 or less: there is none. */
    private static int keyEnd(String text) {
        int i = 0;
        while (i < text.length()
                && (Character.isLetterOrDigit(text.charAt(i))
                        || "-_.".indexOf(text.charAt(i)) >= 0)) {
            i++;
        }
        boolean colon = i < text.length() && text.charAt(i) == ':';
        return colon && (i + 1 == text.length() || text.charAt(i + 1) == ' ') ? i : -1;
    }

    private Object scalar(String text) {
        char first = text.charAt(0);
        char last = text.charAt(text.length() - 1);
        if (first == '[' && last == ']') {
            return parts(text).stream().map(this::scalar).toList();
        }
        if (first == '{' && last == '}') {
            var entries = new LinkedHashMap<String, Object>();
            for (String part : parts(text)) {
                int end = keyEnd(part);
                if (end <= 0) {
                    throw wrong("'KEY: VALUE' is wanted in { }");
                }
                String rest = part.substring(end + 1).strip();
                entries.put(part.substring(0, end), rest.isEmpty() ? "" : scalar(rest));
            }
            return entries;
        }
        if (text.length() > 1 && first == '"' && last == '"') {
            return text.substring(1, text.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\");
        }
        if (text.length() > 1 && first == '\'' && last == '\'') {
            return text.substring(1, text.length() - 1).replace("''", "'");
        }
        if ("&*!|>%@".indexOf(first) >= 0) {
            throw wrong("'" + first + "' begins something that is not read here");
        }
        return text;
    }

    /** What stands between the commas of a list or map in flow. */
    private static List<String> parts(String text) {
        var parts = new ArrayList<String>();
        int depth = 0;
        char quote = 0;
        int from = 1;
        for (int i = 1; i < text.length() - 1; i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(text.substring(from, i).strip());
                from = i + 1;
            }
        }
        String last = text.substring(from, text.length() - 1).strip();
        if (!last.isEmpty()) {
            parts.add(last);
        }
        return parts;
    }
}
