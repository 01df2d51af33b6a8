package vmm.tender;

/** Why the tender ends: told on stderr, with status 1. */
final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final String text;
    private final boolean usage;

    private Failure(String text, boolean usage) {
        super(text, null, false, false);
        this.text = text;
        this.usage = usage;
    }

    static Failure of(String text) {
        return new Failure(text, false);
    }

    /** A failed system call; {@code result} is what {@link Kernel#call} gave. */
    static Failure of(String text, long result) {
        return new Failure(text + ": " + reason(-result), false);
    }

    static Failure ofOption(String text) {
        return new Failure(text, true);
    }

    String text() {
        return text;
    }

    boolean usage() {
        return usage;
    }

    private static String reason(long errno) {
        return switch ((int) errno) {
            case 1 -> "Operation not permitted";
            case 2 -> "No such file or directory";
            case 5 -> "Input/output error";
            case 6 -> "No such device or address";
            case 9 -> "Bad file descriptor";
            case 12 -> "Cannot allocate memory";
            case 13 -> "Permission denied";
            case 14 -> "Bad address";
            case 16 -> "Device or resource busy";
            case 19 -> "No such device";
            case 20 -> "Not a directory";
            case 21 -> "Is a directory";
            case 22 -> "Invalid argument";
            case 24 -> "Too many open files";
            case 25 -> "Inappropriate ioctl for device";
            case 27 -> "File too large";
            case 28 -> "No space left on device";
            case 30 -> "Read-only file system";
            case 36 -> "File name too long";
            case 77 -> "File descriptor in bad state";
            case 100 -> "Network is down";
            default -> "error " + errno;
        };
    }
}
