package vmm.wire.der;

import java.util.Arrays;
import java.util.List;
import java.util.ListIterator;
import vmm.core.Bytes;
import vmm.core.Text;

/**
 * A writer of DER that fills its array from the end, so that every length is known when it is
 * written. Fields are therefore written last one first. One thread.
 */
final class DerWriter {
    private static final int START_BYTES = 256;

    /** Writes one element of a list. */
    interface Element<T> {
        void write(DerWriter out, T value);
    }

    private byte[] bytes = new byte[START_BYTES];
    private int at = START_BYTES;

    /** How much was written: the mark to end a tag with. */
    int mark() {
        return bytes.length - at;
    }

    byte[] toArray() {
        return at == 0 ? bytes : Arrays.copyOfRange(bytes, at, bytes.length);
    }

    /** All that was written, with {@code before} bytes free in front of it. */
    byte[] toArray(int before) {
        byte[] all = new byte[before + mark()];
        System.arraycopy(bytes, at, all, before, mark());
        return all;
    }

    private void room(int wanted) {
        if (at < wanted) {
            int written = mark();
            byte[] larger = new byte[Math.max(bytes.length * 2, written + wanted + START_BYTES)];
            System.arraycopy(bytes, at, larger, larger.length - written, written);
            at = larger.length - written;
            bytes = larger;
        }
    }

    /** Puts identifier and length before all that was written since {@code mark}. */
    void tag(int tag, int mark) {
        int length = mark() - mark;
        room(6);
        if (length < 0x80) {
            bytes[--at] = (byte) length;
        } else {
            int octets = 0;
            for (int rest = length; rest != 0; rest >>>= 8) {
                bytes[--at] = (byte) rest;
                octets++;
            }
            bytes[--at] = (byte) (0x80 | octets);
        }
        bytes[--at] = (byte) tag;
    }

    void sequence(int mark) {
        tag(Tag.SEQUENCE, mark);
    }

    void context(int number, int mark) {
        tag(Tag.context(number), mark);
    }

    void writeNull() {
        room(2);
        bytes[--at] = 0;
        bytes[--at] = Tag.NULL;
    }

    void writeBoolean(boolean value) {
        room(3);
        bytes[--at] = (byte) (value ? 0xff : 0);
        bytes[--at] = 1;
        bytes[--at] = Tag.BOOLEAN;
    }

    void writeInteger(long value) {
        if (value > DerReader.INTEGER_MAX || value < DerReader.INTEGER_MIN) {
            throw new IllegalArgumentException("INTEGER " + value + " has more than 63 bits");
        }
        room(10);
        int length = 0;
        long rest = value;
        do {
            bytes[--at] = (byte) rest;
            rest >>= 8;
            length++;
        } while (rest != (bytes[at] < 0 ? -1 : 0));
        bytes[--at] = (byte) length;
        bytes[--at] = Tag.INTEGER;
    }

    void writeInt64(long value) {
        room(10);
        for (int i = 0; i < 8; i++) {
            bytes[--at] = (byte) (value >>> (8 * i));
        }
        bytes[--at] = 8;
        bytes[--at] = Tag.OCTETS;
    }

    void writeOctets(Bytes value) {
        int mark = mark();
        room(value.length());
        at -= value.length();
        value.copyTo(bytes, at);
        tag(Tag.OCTETS, mark);
    }

    void writeText(String text) {
        writeText(Tag.UTF8, text);
    }

    void writeText(int tag, String text) {
        int mark = mark();
        byte[] encoded = Text.encode(text);
        room(encoded.length);
        at -= encoded.length;
        System.arraycopy(encoded, 0, bytes, at, encoded.length);
        tag(tag, mark);
    }

    <T> void writeList(int tag, List<T> values, Element<T> element) {
        int mark = mark();
        ListIterator<T> from = values.listIterator(values.size());
        while (from.hasPrevious()) {
            element.write(this, from.previous());
        }
        tag(tag, mark);
    }

    /** A SET OF, its elements in the order of their encodings, as DER asks. */
    <T> void writeSet(List<T> values, Element<T> element) {
        int mark = mark();
        byte[][] encoded = new byte[values.size()][];
        for (int i = 0; i < encoded.length; i++) {
            var one = new DerWriter();
            element.write(one, values.get(i));
            encoded[i] = one.toArray();
        }
        Arrays.sort(encoded, Arrays::compareUnsigned);
        for (int i = encoded.length - 1; i >= 0; i--) {
            room(encoded[i].length);
            at -= encoded[i].length;
            System.arraycopy(encoded[i], 0, bytes, at, encoded[i].length);
        }
        tag(Tag.SET, mark);
    }
}
