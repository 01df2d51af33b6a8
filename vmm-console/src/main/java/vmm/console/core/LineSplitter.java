package vmm.console.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * Bytes to lines: ended by a newline, empty ones left out, long ones cut. A line may come in
 * several reads. One thread.
 */
public final class LineSplitter {
    public static final int LINE_BYTES_MAX = 512;

    private static final byte[] TRUNCATED = " [truncated]".getBytes(StandardCharsets.US_ASCII);

    /** Room for the usual read; more is made for short lines. */
    private static final int START_LINES = 1024;

    /** What the longest line takes, with the mark that it was cut. */
    static final int CUT_LINE_BYTES_MAX = LINE_BYTES_MAX + TRUNCATED.length;

    private final byte[] begun = new byte[LINE_BYTES_MAX];
    private int length;
    private boolean cut;

    /** The memory to split one read in; what it holds between two is of no interest. */
    public static final class Desk {
        private byte[] read = {};
        private byte[] out = {};
        private int size;
        private int[] ends = new int[START_LINES];
        private int count;

        private void reserve(int limit) {
            if (read.length < limit || out.length == 0) {
                read = new byte[limit];
                // A line that is cut may grow by its mark; the one begun before comes on top.
                int cutLines = limit / LINE_BYTES_MAX + 1;
                out = new byte[limit + LINE_BYTES_MAX + cutLines * TRUNCATED.length];
            }
            size = 0;
            count = 0;
        }

        private void emit(byte[] from, int offset, int bytes, boolean wasCut) {
            System.arraycopy(from, offset, out, size, bytes);
            size += bytes;
            if (wasCut) {
                System.arraycopy(TRUNCATED, 0, out, size, TRUNCATED.length);
                size += TRUNCATED.length;
            }
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
            }
            ends[count++] = size;
        }

        private Block block(Instant time) {
            return new Block(time, out, size, ends, count);
        }
    }

    /**
     * The lines that end in {@code bytes}.
     *
     * @param time when they were read
     */
    public Block split(Instant time, ByteBuffer bytes, Desk desk) {
        int limit = bytes.remaining();
        desk.reserve(limit);
        byte[] read = desk.read;
        bytes.get(read, 0, limit);
        int start = 0;
        for (int i = 0; i < limit; i++) {
            if (read[i] == '\n') {
                line(desk, start, i);
                start = i + 1;
            }
        }
        keep(read, start, limit);
        return desk.block(time);
    }

    /** The last words, which no newline ended. */
    public Block rest(Instant time, Desk desk) {
        desk.reserve(0);
        line(desk, 0, 0);
        return desk.block(time);
    }

    private void line(Desk desk, int from, int to) {
        if (length > 0) {
            keep(desk.read, from, to);
            desk.emit(begun, 0, length, cut);
            length = 0;
            cut = false;
        } else if (to > from) {
            int bytes = Math.min(to - from, LINE_BYTES_MAX);
            desk.emit(desk.read, from, bytes, to - from > bytes);
        }
    }

    private void keep(byte[] read, int from, int to) {
        int bytes = Math.min(to - from, LINE_BYTES_MAX - length);
        System.arraycopy(read, from, begun, length, bytes);
        length += bytes;
        cut |= to - from > bytes;
    }
}
