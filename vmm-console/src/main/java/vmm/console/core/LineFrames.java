package vmm.console.core;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import vmm.wire.Data;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameWriter;

/**
 * The frames that carry lines to subscribers with the same header. Those of one block differ by
 * their text alone, which comes last: what precedes it is encoded once for every length. One
 * thread.
 */
final class LineFrames {
    /** How much goes to a socket at once: what the JDK keeps a buffer for. */
    static final int CHUNK_BYTES = 64 * 1024;

    /**
     * Whole frames, one after another.
     *
     * @param lines how many
     */
    record Chunk(ByteBuffer frames, int lines) {}

    private final Header header;
    private final boolean utc;
    private final byte[] @Nullable [] preludes = new byte[LineSplitter.CUT_LINE_BYTES_MAX + 1][];
    private Instant time = Instant.MIN;
    private LineRing.@Nullable Part last;
    private List<Chunk> chunks = List.of();

    private byte[] buffer = {};
    private int size;
    private int lines;

    LineFrames(Header header, boolean utc) {
        this.header = header;
        this.utc = utc;
    }

    boolean isFor(Header otherHeader, boolean otherUtc) {
        return utc == otherUtc && header.equals(otherHeader);
    }

    /** The frames of {@code part}; asked again for the same one, the same frames. */
    List<Chunk> of(LineRing.Part part) {
        if (!part.equals(last)) {
            chunks = encode(part);
            last = part;
        }
        return chunks;
    }

    /** Nobody else wants the last part: its memory is free. */
    void forget() {
        last = null;
        chunks = List.of();
    }

    private List<Chunk> encode(LineRing.Part part) {
        Block block = part.block();
        if (!block.time().equals(time)) {
            Arrays.fill(preludes, null);
            time = block.time();
        }
        var made = new ArrayList<Chunk>();
        for (int i = part.from(); i < part.to(); i++) {
            int length = block.length(i);
            byte[] prelude = prelude(length);
            if (size + prelude.length + length > buffer.length) {
                flush(made, part.to() - i, prelude.length + length);
            }
            System.arraycopy(prelude, 0, buffer, size, prelude.length);
            size += prelude.length;
            block.copyTo(i, buffer, size);
            size += length;
            lines++;
        }
        flush(made, 0, 0);
        return made;
    }

    /**
     * Ends a chunk and begins the next one.
     *
     * @param more how many lines will come
     * @param frame how long the next one's frame is
     */
    private void flush(List<Chunk> made, int more, int frame) {
        if (lines > 0) {
            // What waits in an outbox must not hold much more memory than is counted there.
            byte[] frames = size < buffer.length / 2 ? Arrays.copyOf(buffer, size) : buffer;
            made.add(new Chunk(ByteBuffer.wrap(frames, 0, size), lines));
        }
        buffer = new byte[Math.clamp((long) more * frame, frame, CHUNK_BYTES)];
        size = 0;
        lines = 0;
    }

    private byte[] prelude(int length) {
        byte[] known = preludes[length];
        if (known != null) {
            return known;
        }
        var data = new Data.ConsoleLine(utc, time, "x".repeat(length));
        ByteBuffer frame = FrameWriter.frame(Message.telling(header, data));
        byte[] prelude = new byte[frame.remaining() - length];
        frame.get(prelude);
        preludes[length] = prelude;
        return prelude;
    }
}
