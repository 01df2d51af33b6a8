package vmm.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Memory outside the heap for what a call of C reads and writes, one thing behind the other, until
 * it is closed. Things are known by their addresses. One thread.
 */
final class Memory implements AutoCloseable {
    static final int BLOCK_BYTES = 8192;

    /** As many as there ever were calls at the same time. */
    private static final Queue<Memory> FREE = new ConcurrentLinkedQueue<>();

    private static final byte[] ZEROES = new byte[1024];

    private final ByteBuffer bytes;
    private final long start;

    private Memory(int size) {
        bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        start = Native.address(bytes);
    }

    /** {@value #BLOCK_BYTES} bytes: enough for a path or two and some numbers. */
    static Memory open() {
        Memory free = FREE.poll();
        return free == null ? new Memory(BLOCK_BYTES) : free;
    }

    /** At least {@code size} bytes. */
    static Memory open(long size) {
        return size <= BLOCK_BYTES ? open() : new Memory(Math.toIntExact(size));
    }

    /** The most that {@link #text} takes for {@code text}. */
    static long mostBytes(String text) {
        return (3L * text.length()) + 1;
    }

    /** Bytes of zero, at an address that any number can be at. */
    long zeroed(int size) {
        int at = (bytes.position() + 7) & ~7;
        bytes.position(at);
        for (int left = size; left > 0; left -= ZEROES.length) {
            bytes.put(ZEROES, 0, Math.min(left, ZEROES.length));
        }
        return start + at;
    }

    /** UTF-8 with a NUL behind it. */
    long text(String text) {
        int at = bytes.position();
        bytes.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        return start + at;
    }

    /** What {@link #vector} takes for {@code texts}. */
    static long vectorBytes(List<byte[]> texts) {
        long bytes = 2L * Long.BYTES;
        for (byte[] text : texts) {
            bytes += text.length + 1 + Long.BYTES;
        }
        return bytes;
    }

    /** A vector of texts with NULL behind the last. */
    long vector(List<byte[]> texts) {
        long vector = zeroed(Long.BYTES * (texts.size() + 1));
        long at = vector;
        for (byte[] text : texts) {
            setLong(at, start + bytes.position());
            bytes.put(text).put((byte) 0);
            at += Long.BYTES;
        }
        return vector;
    }

    long ofBytes(byte[] content) {
        long address = zeroed(0);
        put(content);
        return address;
    }

    /** Right behind what was put in last. */
    void put(byte[] content) {
        bytes.put(content);
    }

    private int at(long address) {
        return (int) (address - start);
    }

    void setByte(long address, int value) {
        bytes.put(at(address), (byte) value);
    }

    void setShort(long address, int value) {
        bytes.putShort(at(address), (short) value);
    }

    void setInt(long address, int value) {
        bytes.putInt(at(address), value);
    }

    void setLong(long address, long value) {
        bytes.putLong(at(address), value);
    }

    byte byteAt(long address) {
        return bytes.get(at(address));
    }

    short shortAt(long address) {
        return bytes.getShort(at(address));
    }

    int intAt(long address) {
        return bytes.getInt(at(address));
    }

    long longAt(long address) {
        return bytes.getLong(at(address));
    }

    byte[] bytesAt(long address, int count) {
        var copy = new byte[count];
        copy(address, copy, count);
        return copy;
    }

    void copy(long address, byte[] target, int count) {
        bytes.get(at(address), target, 0, count);
    }

    @Override
    public void close() {
        if (bytes.capacity() == BLOCK_BYTES) {
            bytes.clear();
            FREE.add(this);
        }
    }
}
