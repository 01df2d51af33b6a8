package vmm.core;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * An immutable view of bytes, on the heap or outside it.
 *
 * <p>Records hold this instead of arrays. A view made by {@link #view} shares the memory of its
 * buffer: who made the buffer keeps it unchanged, and alive, for as long as the view is used.
 */
public final class Bytes {
    public static final Bytes EMPTY = new Bytes(ByteBuffer.allocate(0));

    private final ByteBuffer buffer;

    private Bytes(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /** A copy of {@code bytes}. */
    public static Bytes of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Bytes(ByteBuffer.wrap(bytes.clone()));
    }

    /** A view, not a copy, of what remains in {@code buffer}. */
    public static Bytes view(ByteBuffer buffer) {
        return buffer.hasRemaining() ? new Bytes(buffer.slice()) : EMPTY;
    }

    /** A view, not a copy, of a part of an array that nobody changes any more. */
    public static Bytes view(byte[] bytes, int offset, int length) {
        return view(ByteBuffer.wrap(bytes, offset, length));
    }

    public static Bytes ofHex(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    public int length() {
        return buffer.limit();
    }

    public boolean isEmpty() {
        return buffer.limit() == 0;
    }

    /** The byte at {@code index}, 0 to 255. */
    public int at(int index) {
        return buffer.get(index) & 0xff;
    }

    public Bytes slice(int from, int length) {
        return view(buffer.slice(from, length));
    }

    /** A read-only buffer over these bytes, with a position of its own. */
    public ByteBuffer asBuffer() {
        return buffer.asReadOnlyBuffer();
    }

    public byte[] toArray() {
        byte[] copy = new byte[length()];
        buffer.get(0, copy);
        return copy;
    }

    /** Copies all bytes into {@code target} from {@code at} on. */
    public void copyTo(byte[] target, int at) {
        buffer.get(0, target, at, length());
    }

    public String hex() {
        return HexFormat.of().formatHex(toArray());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && buffer.equals(that.buffer);
    }

    @Override
    public int hashCode() {
        return buffer.hashCode();
    }

    @Override
    public String toString() {
        return length() <= 32 ? hex() : slice(0, 32).hex() + "… (" + length() + " bytes)";
    }
}
