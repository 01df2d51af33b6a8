package vmm.config;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words and signs that configurations in the notation of OCaml are made of. */
final class Tokens {
    static final Set<String> KEYWORDS =
            Set.of(
                    "let",
                    "in",
                    "open",
                    "and",
                    "if",
                    "then",
                    "else",
                    "match",
                    "with",
                    "fun",
                    "function",
                    "try",
                    "when",
                    "as",
                    "begin",
                    "end",
                    "rec",
                    "module",
                    "struct",
                    "type",
                    "of",
                    "mod",
                    "include",
                    "exception");
    private static final Pattern TOKEN =
            Pattern.compile(
                    "\\s+|(@->|@@|->|\\|>|\\|\\||::|;;|&&|<>|==|!=|<=|>=|[$=;:(){}\\[\\],|@^?+*/<>!-])"
                            + "|(\"(?:[^\"\\\\]|\\\\.)*\")"
                            + "|([~?][a-z_][A-Za-z0-9_']*:?|`?[A-Za-z0-9_][A-Za-z0-9_'.]*)",
                    Pattern.DOTALL);

    /** Text without escapes, or one escape. */
    private static final Pattern PIECE =
            Pattern.compile(
                    "[^\\\\]+|\\\\(?:[nrtb\\\\\"' ]|\n[ \t]*|x[0-9a-fA-F]{2}|[01][0-9]{2}|2[0-4][0-9]|25[0-5])");

    private Tokens() {}

    /** The tokens of {@code text}; a string is its text after one quote. */
    static List<String> of(String text) {
        String code = withoutComments(text);
        var found = new ArrayList<String>();
        Matcher matcher = TOKEN.matcher(code);
        int from = 0;
        while (from < code.length()) {
            matcher.region(from, code.length());
            if (!matcher.lookingAt()) {
                throw new ConfigException(
                        "Error loading config: '"
                                + code.charAt(from)
                                + "' is not understood: use a .java file");
            }
            String quoted = matcher.group(2);
            if (quoted != null) {
                found.add("\"" + plain(quoted.substring(1, quoted.length() - 1)));
            } else if (matcher.group(1) != null || matcher.group(3) != null) {
                found.add(matcher.group());
            }
            from = matcher.end();
        }
        return found;
    }

    /** What stands between the quotes of a string, without its escapes. */
    private static String plain(String quoted) {
        var bytes = new ByteArrayOutputStream();
        int from = 0;
        Matcher piece = PIECE.matcher(quoted);
        while (from < quoted.length()) {
            piece.region(from, quoted.length());
            if (!piece.lookingAt()) {
                throw Meaning.wrong("'\\' begins no escape in \"" + quoted + "\"");
            }
            bytes.writeBytes(meaning(piece.group()));
            from = piece.end();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static byte[] meaning(String piece) {
        if (piece.charAt(0) != '\\') {
            return piece.getBytes(StandardCharsets.UTF_8);
        }
        char escape = piece.charAt(1);
        return switch (escape) {
            case 'n' -> new byte[] {'\n'};
            case 't' -> new byte[] {'\t'};
            case 'r' -> new byte[] {'\r'};
            case 'b' -> new byte[] {'\b'};
            case '\n' -> new byte[0];
            case 'x' -> new byte[] {(byte) Integer.parseInt(piece.substring(2), 16)};
            default ->
                    new byte[] {
                        (byte) (piece.length() == 2 ? escape : Integer.parseInt(piece.substring(1)))
                    };
        };
    }

    private static String withoutComments(String text) {
        var out = new StringBuilder();
        int depth = 0;
        boolean inString = false;
        int at = 0;
        while (at < text.length()) {
            int taken = 1;
            if (inString && text.charAt(at) == '\\' && at + 1 < text.length()) {
                taken = 2;
            } else if (text.charAt(at) == '"') {
                inString = !inString;
            } else if (!inString && text.startsWith("(*", at)) {
                depth++;
                taken = 2;
            } else if (!inString && depth > 0 && text.startsWith("*)", at)) {
                depth--;
                at += 2;
                out.append(' ');
                continue;
            }
            if (depth == 0) {
                out.append(text, at, at + taken);
            }
            at += taken;
        }
        return out.toString();
    }
}
