package vmm.console.core;

import java.time.Instant;
import java.util.Arrays;
import vmm.core.Text;

/**
 * Lines that one read gave: their bytes one after another, without newlines, and one time for all.
 * A line costs no object of its own. Never changed.
 */
public final class Block {
    /** What a block takes beside its lines: three objects, a time, a place in a ring. */
    private static final int OVERHEAD_BYTES = 128;

    private final Instant time;
    private final byte[] bytes;
    private final int[] ends;

    /** Takes copies of as much of the arrays as is used. */
    Block(Instant time, byte[] bytes, int size, int[] ends, int count) {
        this.time = time;
        this.bytes = Arrays.copyOf(bytes, size);
        this.ends = Arrays.copyOf(ends, count);
    }

    /** When the lines were read. */
    public Instant time() {
        return time;
    }

    /** How many lines there are. */
    public int count() {
        return ends.length;
    }

    /** How much memory it holds. */
    long memoryBytes() {
        return OVERHEAD_BYTES + bytes.length + (long) ends.length * Integer.BYTES;
    }

    int length(int line) {
        return ends[line] - start(line);
    }

    private int start(int line) {
        return line == 0 ? 0 : ends[line - 1];
    }

    void copyTo(int line, byte[] target, int offset) {
        System.arraycopy(bytes, start(line), target, offset, length(line));
    }

    /** One line as text that loses nothing. */
    public String text(int line) {
        return Text.decode(bytes, start(line), length(line));
    }
}
