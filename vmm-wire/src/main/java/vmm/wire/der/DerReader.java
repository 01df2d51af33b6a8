package vmm.wire.der;

import java.util.ArrayList;
import java.util.List;
import vmm.core.Bytes;
import vmm.core.Name;

/**
 * A strict reader of DER: definite and minimal lengths, minimal integers, nothing left over.
 *
 * <p>No length is believed before it was checked against what is there, so no input allocates more
 * than itself. One thread.
 */
final class DerReader {
    /** Integers are those of albatross: 63 bits. */
    static final long INTEGER_MAX = (1L << 62) - 1;

    static final long INTEGER_MIN = -(1L << 62);

    /** Reads one element of a list. */
    interface Element<T> {
        T read(DerReader in) throws DerException;
    }

    private final Bytes in;
    private int at;
    private int end;

    DerReader(Bytes bytes) {
        in = bytes;
        end = bytes.length();
    }

    int offset() {
        return at;
    }

    boolean hasMore() {
        return at < end;
    }

    /** The next identifier octet, or -1 at the end of what is open. */
    int peek() {
        return at < end ? in.at(at) : -1;
    }

    boolean nextIs(int tag) {
        return peek() == tag;
    }

    DerException wrong(String why) {
        return new DerException(at, why);
    }

    /** Reads identifier and length of {@code tag}; what follows is its content, of this length. */
    private int header(int tag) throws DerException {
        int found = peek();
        if (found != tag) {
            throw wrong(
                    found < 0
                            ? "expected tag 0x" + Integer.toHexString(tag) + ", but nothing is left"
                            : "expected tag 0x%02x, found 0x%02x".formatted(tag, found));
        }
        if (at + 1 >= end) {
            throw wrong("a length is missing");
        }
        int first = in.at(at + 1);
        if (first < 0x80) {
            at += 2;
            return within(first);
        }
        return longLength(first & 0x7f);
    }

    private int longLength(int octets) throws DerException {
        if (octets == 0) {
            throw wrong("indefinite length");
        }
        if (octets > 4) {
            throw wrong("a length of " + octets + " octets");
        }
        if (at + 2 + octets > end) {
            throw wrong("a length is cut off");
        }
        long length = 0;
        for (int i = 0; i < octets; i++) {
            length = (length << 8) | in.at(at + 2 + i);
        }
        boolean minimal = octets == 1 ? length >= 0x80 : length >>> (8 * (octets - 1)) != 0;
        if (!minimal) {
            throw wrong("redundant length");
        }
        at += 2 + octets;
        return within(length);
    }

    private int within(long length) throws DerException {
        if (length > end - at) {
            throw wrong(
                    "a length of "
                            + length
                            + " exceeds the "
                            + (end - at)
                            + " bytes that are left");
        }
        return (int) length;
    }

    /** Goes into {@code tag}; give what is returned to {@link #close}. */
    int open(int tag) throws DerException {
        int length = header(tag);
        int outer = end;
        end = at + length;
        return outer;
    }

    int openSequence() throws DerException {
        return open(Tag.SEQUENCE);
    }

    /** Goes into whichever context tag is next. */
    int openContext() throws DerException {
        int tag = peek();
        if (tag < 0 || !Tag.isContext(tag)) {
            throw wrong("expected a choice");
        }
        return open(tag);
    }

    void close(int outer) throws DerException {
        if (at != end) {
            throw wrong("trailing bytes");
        }
        end = outer;
    }

    void finish() throws DerException {
        if (at != in.length()) {
            throw wrong("trailing bytes");
        }
    }

    void readNull() throws DerException {
        if (header(Tag.NULL) != 0) {
            throw wrong("NULL with content");
        }
    }

    /** Any octet but zero is true, as albatross reads it. */
    boolean readBoolean() throws DerException {
        if (header(Tag.BOOLEAN) != 1) {
            throw wrong("BOOLEAN has one octet");
        }
        return in.at(at++) != 0;
    }

    long readInteger() throws DerException {
        int length = header(Tag.INTEGER);
        if (length == 0) {
            throw wrong("INTEGER without content");
        }
        long value = (byte) in.at(at);
        if (length > 1 && (value == 0 || value == -1) && (in.at(at + 1) >= 0x80) == (value < 0)) {
            throw wrong("redundant form of INTEGER");
        }
        if (length > 8) {
            throw wrong("INTEGER is out of range");
        }
        for (int i = 1; i < length; i++) {
            value = (value << 8) | in.at(at + i);
        }
        if (value > INTEGER_MAX || value < INTEGER_MIN) {
            throw wrong("INTEGER is out of range");
        }
        at += length;
        return value;
    }

    Bytes readOctets() throws DerException {
        int length = header(Tag.OCTETS);
        Bytes bytes = in.slice(at, length);
        at += length;
        return bytes;
    }

    /** {@code Int64}; a string of more than 8 octets is read by its first 8. */
    long readInt64() throws DerException {
        int length = header(Tag.OCTETS);
        if (length < 8) {
            throw wrong("a 64-bit number needs 8 octets");
        }
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = (value << 8) | in.at(at + i);
        }
        at += length;
        return value;
    }

    /** A name in its string form; what spells none is told. */
    Name readName() throws DerException {
        int start = at;
        int length = header(Tag.UTF8);
        Name name = Name.spelled(in, at, length);
        if (name == null) {
            String text = in.text(at, length);
            throw new DerException(start, Name.problem(text).orElse("no name"));
        }
        at += length;
        return name;
    }

    String readText() throws DerException {
        return text(Tag.UTF8);
    }

    String text(int tag) throws DerException {
        int length = header(tag);
        String text = in.text(at, length);
        at += length;
        return text;
    }

    <T> List<T> readList(int tag, Element<T> element) throws DerException {
        int outer = open(tag);
        if (at == end) {
            close(outer);
            return List.of();
        }
        var list = new ArrayList<T>(4);
        while (at < end) {
            list.add(element.read(this));
        }
        close(outer);
        return list;
    }
}
