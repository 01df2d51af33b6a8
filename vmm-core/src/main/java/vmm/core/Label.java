package vmm.core;

import java.util.Locale;
import java.util.Optional;

/**
 * One element of a name: 1 to 63 of {@code a-z 0-9 - .}, not starting with {@code -} (BEHAVIOUR 4).
 *
 * @param text in lower case; {@link #of} lowers what came from outside
 */
public record Label(String text) implements Comparable<Label> {
    public static final int CHARS_MAX = 63;

    public Label {
        problem(text)
                .ifPresent(
                        why -> {
                            throw new IllegalArgumentException(why);
                        });
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
        for (int i = 0; i < text.length(); i++) {
            if (!allowed(text.charAt(i))) {
                return Optional.of(
                        "the label '" + text + "' has characters other than a-z 0-9 - .");
            }
        }
        return Optional.empty();
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
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
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
