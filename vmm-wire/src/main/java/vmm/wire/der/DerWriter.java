package vmm.wire.der;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.ListIterator;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.Text;

/**
 * A writer of DER that fills its array from the end, so that every length is known when it is
 * written. Fields are therefore written last one first. One thread.
 *
 * <p>Large octet strings are not copied: the array ends before them and a new one begins.
 */
final class DerWriter {
    /** An octet string from this size on is passed on as it is. */
    static final int LARGE_BYTES_MIN = 32 * 1024;

    /** Enough for a command or a short answer; the zeros of more would cost more than it. */
    private static final int START_BYTES = 128;

    /** How many times larger the next array is. */
    private static final int GROWTH = 4;

    /** Writes one element of a list. */
    interface Element<T> {
        void write(DerWriter out, T value);
    }

    private byte[] bytes = new byte[START_BYTES];
    private int at = START_BYTES;

    /** A large octet string, or what had been written before one, and what follows it. */
    private record Part(ByteBuffer bytes, @Nullable Part next) {}

    /** What follows the array. */
    private @Nullable Part parts;

    private int partsCount;
    private int partsBytes;

    /** How much was written: the mark to end a tag with. */
    int mark() {
        return bytes.length - at + partsBytes;
    }

    byte[] toArray() {
        return toArray(0);
    }

    /** All that was written, with {@code before} bytes free in front of it. */
    byte[] toArray(int before) {
        int here = bytes.length - at;
        byte[] all = new byte[before + mark()];
        System.arraycopy(bytes, at, all, before, here);
        int to = before + here;
        for (Part part = parts; part != null; part = part.next()) {
            int length = part.bytes().limit();
            part.bytes().get(0, all, to, length);
            to += length;
        }
        return all;
    }

    /** All that was written, in order, with {@code before} bytes free in front of it. */
    ByteBuffer[] toBuffers(int before) {
        room(before);
        var all = new ByteBuffer[1 + partsCount];
        int i = 0;
        all[i++] = ByteBuffer.wrap(bytes, at - before, bytes.length - at + before).slice();
        for (Part part = parts; part != null; part = part.next()) {
            all[i++] = part.bytes();
        }
        return all;
    }

    private void room(int wanted) {
        if (at < wanted) {
            grow(wanted);
        }
    }

    private void grow(int wanted) {
        int written = bytes.length - at;
        byte[] larger = new byte[Math.max(bytes.length * GROWTH, written + wanted + START_BYTES)];
        System.arraycopy(bytes, at, larger, larger.length - written, written);
        at = larger.length - written;
        bytes = larger;
    }

    /** Puts identifier and length before all that was written since {@code mark}. */
    void tag(int tag, int mark) {
        int length = mark() - mark;
        room(6);
        if (length < 0x80) {
            bytes[--at] = (byte) length;
        } else {
            longLength(length);
        }
        bytes[--at] = (byte) tag;
    }

    private void longLength(int length) {
        int octets = 0;
        for (int rest = length; rest != 0; rest >>>= 8) {
            bytes[--at] = (byte) rest;
            octets++;
        }
        bytes[--at] = (byte) (0x80 | octets);
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
        // Nothing was ever written before this place: zeros are there already.
        int to = at;
        at -= 8;
        for (long rest = value; rest != 0; rest >>>= 8) {
            bytes[--to] = (byte) rest;
        }
        bytes[--at] = 8;
        bytes[--at] = Tag.OCTETS;
    }

    void writeOctets(Bytes value) {
        int mark = mark();
        if (value.length() >= LARGE_BYTES_MIN) {
            pass(value);
        } else {
            room(value.length());
            at -= value.length();
            value.copyTo(bytes, at);
        }
        tag(Tag.OCTETS, mark);
    }

    private void pass(Bytes value) {
        if (at < bytes.length) {
            part(ByteBuffer.wrap(bytes, at, bytes.length - at).slice());
            bytes = new byte[START_BYTES];
            at = START_BYTES;
        }
        part(value.asBuffer());
    }

    private void part(ByteBuffer part) {
        parts = new Part(part, parts);
        partsCount++;
        partsBytes = Math.addExact(partsBytes, part.limit());
    }

    void writeText(String text) {
        writeText(Tag.UTF8, text);
    }

    void writeText(int tag, String text) {
        int mark = mark();
        if (Text.isAscii(text)) {
            room(text.length());
            putAscii(text);
        } else {
            byte[] encoded = Text.encode(text);
            room(encoded.length);
            at -= encoded.length;
            System.arraycopy(encoded, 0, bytes, at, encoded.length);
        }
        tag(tag, mark);
    }

    /** Puts text of one byte a character, for which there is room. */
    @SuppressWarnings("deprecation") // drops high bytes, and there are none
    private void putAscii(String text) {
        at -= text.length();
        text.getBytes(0, text.length(), bytes, at);
    }

    /** The canonical string of a name (BEHAVIOUR 4), label by label. */
    void writeName(Name name) {
        int mark = mark();
        List<Label> path = name.path().labels();
        room(canonicalBytes(path, name));
        if (name.label().isPresent()) {
            putAscii(name.label().get().text());
        }
        if (path.isEmpty()) {
            bytes[--at] = ':';
        }
        for (int i = path.size() - 1; i >= 0; i--) {
            bytes[--at] = ':';
            putAscii(path.get(i).text());
        }
        tag(Tag.UTF8, mark);
    }

    private static int canonicalBytes(List<Label> path, Name name) {
        int bytes = Math.max(1, path.size());
        for (int i = 0; i < path.size(); i++) {
            bytes += path.get(i).text().length();
        }
        return name.label().isPresent() ? bytes + name.label().get().text().length() : bytes;
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
