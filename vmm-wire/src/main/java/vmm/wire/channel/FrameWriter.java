package vmm.wire.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import vmm.core.Bytes;
import vmm.wire.Message;
import vmm.wire.der.WireCodec;

/**
 * Writes frames to a channel that blocks. One thread.
 *
 * <p>Images and other large bytes go to the channel from where they are, never through a copy of
 * the whole.
 */
public final class FrameWriter {
    /**
     * What a chunk of compressed content may hold: albatross 2.5 to 2.7 inflates so much of one,
     * and damages what is behind it.
     */
    public static final int COMPRESSED_CHUNK_BYTES_MAX = 64 * 1024;

    private static final int LENGTH_BYTES = 4;

    /** The JDK copies what is on the heap before it writes it; so much at a time is enough. */
    private static final int HEAP_WRITE_BYTES_MAX = 128 * 1024;

    private final GatheringByteChannel channel;

    public FrameWriter(GatheringByteChannel channel) {
        this.channel = channel;
    }

    /** The whole frame of a message: its length, then its DER. */
    public static ByteBuffer frame(Message message) {
        byte[] frame = WireCodec.encode(message, LENGTH_BYTES);
        return ByteBuffer.wrap(frame).putInt(0, frame.length - LENGTH_BYTES);
    }

    /** The whole frame in parts, of which the large ones are views of the message's bytes. */
    public static ByteBuffer[] frameParts(Message message) {
        ByteBuffer[] parts = WireCodec.encodeParts(message, LENGTH_BYTES);
        long length = -LENGTH_BYTES;
        for (ByteBuffer part : parts) {
            length += part.remaining();
        }
        parts[0].putInt(0, Math.toIntExact(length));
        return parts;
    }

    public void send(Message message) throws IOException {
        write(frameParts(message));
    }

    /** Sends raw bytes as one chunk of a stream; an empty one would end it and is left out. */
    public void sendChunk(Bytes chunk) throws IOException {
        if (!chunk.isEmpty()) {
            write(length(chunk.length()), chunk.asBuffer());
        }
    }

    /** Ends a stream of chunks. */
    public void sendEnd() throws IOException {
        write(length(0));
    }

    private static ByteBuffer length(int length) {
        return ByteBuffer.allocate(LENGTH_BYTES).putInt(0, length);
    }

    private void write(ByteBuffer... parts) throws IOException {
        for (int first = 0; first < parts.length; ) {
            if (parts[first].hasRemaining()) {
                write(parts, first);
            } else {
                first++;
            }
        }
    }

    /** Writes once, from {@code first} on, and not too much from the heap. */
    private void write(ByteBuffer[] parts, int first) throws IOException {
        int count = 0;
        int heap = 0;
        ByteBuffer last = parts[first];
        while (first + count < parts.length && heap < HEAP_WRITE_BYTES_MAX) {
            last = parts[first + count];
            heap += last.isDirect() ? 0 : last.remaining();
            count++;
        }
        int limit = last.limit();
        if (heap > HEAP_WRITE_BYTES_MAX) {
            last.limit(limit - (heap - HEAP_WRITE_BYTES_MAX));
        }
        if (count == 1) {
            channel.write(last);
        } else {
            channel.write(parts, first, count);
        }
        last.limit(limit);
    }
}
