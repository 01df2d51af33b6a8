package vmm.config;

import java.nio.charset.StandardCharsets;

/** How OCaml spells things. */
final class Ocaml {
    private Ocaml() {}

    /** A string literal, as its printf's {@code %S} writes it. */
    static String quoted(String text) {
        var out = new StringBuilder("\"");
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            switch (b) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                case '\b' -> out.append("\\b");
                default -> {
                    if (b < ' ' || b == 127) {
                        out.append('\\').append(threeDigits(b & 0xff));
                    } else {
                        out.append((char) b);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    private static String threeDigits(int value) {
        return String.valueOf(1000 + value).substring(1);
    }

    static String capitalized(String name) {
        char first = name.charAt(0);
        return first >= 'a' && first <= 'z' ? (char) (first - 32) + name.substring(1) : name;
    }

    /** True if {@code name} can be bound with {@code let}. */
    static boolean isVariable(String name) {
        if (name.isEmpty() || !(name.charAt(0) == '_' || isLower(name.charAt(0)))) {
            return false;
        }
        return name.equals(mangled(name));
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }

    /** {@code name} without the characters that no identifier has. */
    static String mangled(String name) {
        var out = new StringBuilder(name);
        for (int i = 0; i < out.length(); i++) {
            char c = out.charAt(i);
            boolean fine = isLower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!fine && c != '_' && c != '\'') {
                out.setCharAt(i, '_');
            }
        }
        return out.toString();
    }

    static String concat(String folder, String file) {
        return folder.isEmpty() || folder.endsWith("/") ? folder + file : folder + "/" + file;
    }
}
