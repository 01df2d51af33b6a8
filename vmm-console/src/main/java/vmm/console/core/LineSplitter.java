package vmm.console.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Bytes to lines: ended by a newline, empty ones left out, long ones cut. A line may come in
 * several reads. One thread.
 */
public final class LineSplitter {
    public static final int LINE_BYTES_MAX = 512;

    private static final byte[] TRUNCATED = " [truncated]".getBytes(StandardCharsets.US_ASCII);

    /** What the longest line takes, with the mark that it was cut. */
    static final int CUT_LINE_BYTES_MAX = LINE_BYTES_MAX + TRUNCATED.length;

    private final byte[] begun = new byte[LINE_BYTES_MAX];
    private int length;
    private boolean cut;

    private byte[] read = {};
    private byte[] out = {};
    private int size;
    private int[] ends = {};
    private int count;

    /**
     * The lines that end in {@code bytes}.
     *
     * @param time when they were read
     */
    public Block split(Instant time, ByteBuffer bytes) {
        int limit = bytes.remaining();
        reserve(limit);
        bytes.get(read, 0, limit);
        int start = 0;
        for (int i = 0; i < limit; i++) {
            if (read[i] == '\n') {
                line(start, i);
                start = i + 1;
            }
        }
        keep(start, limit);
        return block(time);
    }

    /** The last words, which no newline ended. */
    public Block rest(Instant time) {
        reserve(0);
        line(0, 0);
        return block(time);
    }

    private void reserve(int limit) {
        if (read.length < limit || out.length == 0) {
            read = new byte[limit];
            // A line that is cut may grow by its mark; the one begun before comes on top.
            int cutLines = limit / LINE_BYTES_MAX + 1;
            out = new byte[limit + LINE_BYTES_MAX + cutLines * TRUNCATED.length];
            ends = new int[limit / 2 + 1];
        }
    }

    private void line(int from, int to) {
        if (length > 0) {
            keep(from, to);
            emit(begun, 0, length, cut);
            length = 0;
            cut = false;
        } else if (to > from) {
            int bytes = Math.min(to - from, LINE_BYTES_MAX);
            emit(read, from, bytes, to - from > bytes);
        }
    }

    private void keep(int from, int to) {
        int bytes = Math.min(to - from, LINE_BYTES_MAX - length);
        System.arraycopy(read, from, begun, length, bytes);
        length += bytes;
        cut |= to - from > bytes;
    }

    private void emit(byte[] from, int offset, int bytes, boolean wasCut) {
        System.arraycopy(from, offset, out, size, bytes);
        size += bytes;
        if (wasCut) {
            System.arraycopy(TRUNCATED, 0, out, size, TRUNCATED.length);
            size += TRUNCATED.length;
        }
        ends[count++] = size;
    }

    private Block block(Instant time) {
        var block = new Block(time, out, size, ends, count);
        size = 0;
        count = 0;
        return block;
    }
}
