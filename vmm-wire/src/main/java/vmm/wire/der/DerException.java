package vmm.wire.der;

/** The bytes are not what the grammar wants. Stays inside this package. */
final class DerException extends Exception {
    private static final long serialVersionUID = 1;

    private final int offset;

    DerException(int offset, String why) {
        super(why, null, false, false);
        this.offset = offset;
    }

    int offset() {
        return offset;
    }
}
