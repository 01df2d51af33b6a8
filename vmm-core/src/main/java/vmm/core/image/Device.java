package vmm.core.image;

import java.util.Optional;

/**
 * A device that the image's manifest declares and that its tender must be given.
 *
 * @param name 1 to 67 ASCII letters and digits: tenders accept no other in their options
 */
public record Device(String name, Kind kind) {
    public static final int NAME_CHARS_MAX = 67;

    /** What a device is; {@link #number} is the manifest's. */
    public enum Kind {
        BLOCK(1),
        NET(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    public Device {
        Optional<String> why = problem(name);
        if (why.isPresent()) {
            throw new IllegalArgumentException(why.get());
        }
    }

    /** Says why {@code name} is no device's name, or is empty if it is one. */
    public static Optional<String> problem(String name) {
        if (name.isEmpty() || name.length() > NAME_CHARS_MAX) {
            return Optional.of("a device name has 1 to " + NAME_CHARS_MAX + " characters");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9')) {
                return Optional.of("a device name has characters other than letters and digits");
            }
        }
        return Optional.empty();
    }
}
