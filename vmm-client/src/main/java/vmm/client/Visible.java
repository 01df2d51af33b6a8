package vmm.client;

/**
 * Text from elsewhere as it may be shown: nothing in it can control the terminal (BEHAVIOUR 8).
 *
 * <p>Control and format characters (escape sequences, C1 controls, changes of direction), what has
 * no glyph and bytes that are no UTF-8 are spelled out; tabs stay.
 */
final class Visible {
    private Visible() {}

    static String text(String text) {
        int end = text.endsWith("\r") ? text.length() - 1 : text.length();
        int first = 0;
        while (first < end && text.charAt(first) >= ' ' && text.charAt(first) < 0x7f) {
            first++;
        }
        if (first == end) {
            return text.substring(0, end);
        }
        var shown = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < end; ) {
            int c = text.codePointAt(i);
            append(shown, c);
            i += Character.charCount(c);
        }
        return shown.toString();
    }

    private static void append(StringBuilder shown, int c) {
        if (c == '\t' || isHarmless(c)) {
            shown.appendCodePoint(c);
        } else if (c < 0x100 || (c >= 0xDC80 && c <= 0xDCFF)) {
            // A byte that is no UTF-8 is kept as U+DC00 and the byte (vmm.core.Text).
            shown.append(String.format("\\x%02x", c & 0xff));
        } else {
            shown.append(String.format("\\u{%x}", c));
        }
    }

    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
