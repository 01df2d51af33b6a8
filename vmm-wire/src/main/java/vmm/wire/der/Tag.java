package vmm.wire.der;

/** Identifier octets; the grammar needs none above 30, so each is one byte. */
final class Tag {
    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int OCTETS = 0x04;
    static final int NULL = 0x05;
    static final int UTF8 = 0x0c;
    static final int UTC_TIME = 0x17;
    static final int GENERALIZED_TIME = 0x18;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;

    private Tag() {}

    /** An explicit tag of class context: constructed. */
    static int context(int number) {
        return 0xa0 | number;
    }

    static boolean isContext(int tag) {
        return (tag & 0xe0) == 0xa0;
    }

    static int number(int tag) {
        return tag & 0x1f;
    }
}
