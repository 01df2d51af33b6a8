package vmm.wire.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import vmm.core.Bytes;
import vmm.wire.Message;
import vmm.wire.der.WireCodec;

/** Writes frames to a channel that blocks. One thread. */
public final class FrameWriter {
    private static final int LENGTH_BYTES = 4;

    private final GatheringByteChannel channel;

    public FrameWriter(GatheringByteChannel channel) {
        this.channel = channel;
    }

    /** The whole frame of a message: its length, then its DER. */
    public static ByteBuffer frame(Message message) {
        byte[] frame = WireCodec.encode(message, LENGTH_BYTES);
        return ByteBuffer.wrap(frame).putInt(0, frame.length - LENGTH_BYTES);
    }

    public void send(Message message) throws IOException {
        write(frame(message));
    }

    /** Sends raw bytes as one chunk of a stream; an empty one would end it and is left out. */
    public void sendChunk(Bytes chunk) throws IOException {
        if (chunk.isEmpty()) {
            return;
        }
        var parts = new ByteBuffer[] {length(chunk.length()), chunk.asBuffer()};
        while (parts[1].hasRemaining()) {
            channel.write(parts);
        }
    }

    /** Ends a stream of chunks. */
    public void sendEnd() throws IOException {
        write(length(0));
    }

    private static ByteBuffer length(int length) {
        return ByteBuffer.allocate(LENGTH_BYTES).putInt(0, length);
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
