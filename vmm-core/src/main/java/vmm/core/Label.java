package vmm.core;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One element of a name: 1 to 63 of {@code a-z 0-9 - .}, not starting with {@code -} (BEHAVIOUR 4).
 *
 * @param text in lower case; {@link #of} lowers what came from outside
 */
public record Label(String text) implements Comparable<Label> {
    public static final int CHARS_MAX = 63;

    private static final boolean[] ALLOWED = new boolean[128];

    static {
        for (char c : "abcdefghijklmnopqrstuvwxyz0123456789-.".toCharArray()) {
            ALLOWED[c] = true;
        }
    }

    public Label {
        if (!isLabel(text)) {
            throw new IllegalArgumentException(problem(text).orElseThrow());
        }
    }

    /** The rule; {@link #problem} says what of it does not hold. */
    private static boolean isLabel(String text) {
        int length = text.length();
        if (length == 0 || length > CHARS_MAX || text.charAt(0) == '-') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (!allowed(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Says why {@code text} is no label, or is empty if it is one. */
    public static Optional<String> problem(String text) {
        if (text.isEmpty()) {
            return Optional.of("a label must not be empty");
        }
        if (text.length() > CHARS_MAX) {
            return Optional.of(
                    "the label '" + text + "' has more than " + CHARS_MAX + " characters");
        }
        if (text.charAt(0) == '-') {
            return Optional.of("the label '" + text + "' starts with '-'");
        }
        return isLabel(text)
                ? Optional.empty()
                : Optional.of("the label '" + text + "' has characters other than a-z 0-9 - .");
    }

    /** The label that a part of {@code bytes} spells, or null if it spells none. */
    @SuppressWarnings("deprecation") // this constructor only copies, and is the fastest
    static @Nullable Label spelled(byte[] bytes, int from, int end, boolean hasUpper) {
        String text = new String(bytes, 0, from, end - from);
        String lower = hasUpper ? lower(text) : text;
        return isLabel(lower) ? new Label(lower) : null;
    }

    /** The label of {@code text} in lower case. */
    public static Label of(String text) {
        return new Label(lower(text));
    }

    /** Lowers ASCII letters only: other characters are no part of a label and stay visible. */
    public static String lower(String text) {
        boolean upper = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                return text;
            }
            upper |= c >= 'A' && c <= 'Z';
        }
        return upper ? text.toLowerCase(Locale.ROOT) : text;
    }

    /** True if the label is dots alone: a name that has one must not become a file's. */
    public boolean isDots() {
        return text.chars().allMatch(c -> c == '.');
    }

    private static boolean allowed(char c) {
        return c < ALLOWED.length && ALLOWED[c];
    }

    @Override
    public int compareTo(Label other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
