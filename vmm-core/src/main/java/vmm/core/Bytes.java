package vmm.core;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An immutable view of bytes, on the heap or outside it.
 *
 * <p>Records hold this instead of arrays. A view made by {@link #view} shares the memory of its
 * buffer: who made the buffer keeps it unchanged, and alive, for as long as the view is used.
 */
public final class Bytes {
    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private static final byte[] NO_ARRAY = {};

    /** On the heap: the array, and where in it. Outside: {@code buffer}, from 0 on. */
    private final byte[] array;

    private final int offset;
    private final int length;
    private final @Nullable ByteBuffer outside;

    private Bytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
        this.outside = null;
    }

    private Bytes(ByteBuffer outside) {
        this.array = NO_ARRAY;
        this.offset = 0;
        this.length = outside.limit();
        this.outside = outside;
    }

    /** A copy of {@code bytes}. */
    public static Bytes of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Bytes(bytes.clone(), 0, bytes.length);
    }

    /** A view, not a copy, of what remains in {@code buffer}. */
    public static Bytes view(ByteBuffer buffer) {
        if (!buffer.hasRemaining()) {
            return EMPTY;
        }
        return buffer.hasArray()
                ? new Bytes(
                        buffer.array(),
                        buffer.arrayOffset() + buffer.position(),
                        buffer.remaining())
                : new Bytes(buffer.slice());
    }

    /** A view, not a copy, of a part of an array that nobody changes any more. */
    public static Bytes view(byte[] bytes, int offset, int length) {
        return view(ByteBuffer.wrap(bytes, offset, length));
    }

    public static Bytes ofHex(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return view(bytes, 0, bytes.length);
    }

    public int length() {
        return length;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /** The byte at {@code index}, 0 to 255; the index must be below {@link #length}. */
    public int at(int index) {
        ByteBuffer buffer = outside;
        return (buffer == null ? array[offset + index] : buffer.get(index)) & 0xff;
    }

    public Bytes slice(int from, int length) {
        if (length == 0) {
            return EMPTY;
        }
        ByteBuffer buffer = outside;
        if (buffer != null) {
            return new Bytes(buffer.slice(from, length));
        }
        Objects.checkFromIndexSize(from, length, this.length);
        return new Bytes(array, offset + from, length);
    }

    /** The array that these bytes are a part of, from {@link #offset} on; null outside the heap. */
    byte @Nullable [] array() {
        return outside == null ? array : null;
    }

    int offset() {
        return offset;
    }

    /** The text of a part; never fails, whatever the bytes are. */
    public String text(int from, int length) {
        if (outside == null) {
            Objects.checkFromIndexSize(from, length, this.length);
            return Text.decode(array, offset + from, length);
        }
        return Text.decode(slice(from, length).toArray(), 0, length);
    }

    /** A read-only buffer over these bytes, with a position of its own. */
    public ByteBuffer asBuffer() {
        return buffer().asReadOnlyBuffer();
    }

    private ByteBuffer buffer() {
        ByteBuffer buffer = outside;
        return buffer != null ? buffer : ByteBuffer.wrap(array, offset, length).slice();
    }

    public byte[] toArray() {
        byte[] copy = new byte[length];
        copyTo(copy, 0);
        return copy;
    }

    /** Copies all bytes into {@code target} from {@code at} on. */
    public void copyTo(byte[] target, int at) {
        ByteBuffer buffer = outside;
        if (buffer != null) {
            buffer.get(0, target, at, length);
        } else {
            System.arraycopy(array, offset, target, at, length);
        }
    }

    public String hex() {
        return HexFormat.of().formatHex(toArray());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && buffer().equals(that.buffer());
    }

    @Override
    public int hashCode() {
        return buffer().hashCode();
    }

    @Override
    public String toString() {
        return length <= 32 ? hex() : slice(0, 32).hex() + "… (" + length + " bytes)";
    }
}
