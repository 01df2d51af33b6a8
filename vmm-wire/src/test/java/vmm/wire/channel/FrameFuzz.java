package vmm.wire.channel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;

/** A fuzz target: a peer's bytes, as frames and then as chunks. */
public final class FrameFuzz {
    private static final int BYTES_MAX = 1024;

    private FrameFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        readAll(bytes, false);
        readAll(bytes, true);
    }

    private static void readAll(byte[] bytes, boolean chunks) {
        var reader = new FrameReader(Channels.newChannel(new ByteArrayInputStream(bytes)));
        long read = 0;
        try {
            for (int length = next(reader, chunks); length >= 0; length = next(reader, chunks)) {
                read += length;
                if (length == 0 || read > bytes.length || (length > BYTES_MAX && !chunks)) {
                    throw new AssertionError("a frame of " + length + " bytes");
                }
            }
        } catch (IOException refused) {
            if (!(refused instanceof FrameException)) {
                throw new AssertionError(refused);
            }
        }
    }

    /** How much came; -1 at the end. */
    private static int next(FrameReader reader, boolean chunks) throws IOException {
        if (chunks) {
            ByteBuffer piece = reader.nextPiece(BYTES_MAX);
            return piece == null ? -1 : piece.remaining();
        }
        try (Frame frame = reader.next(BYTES_MAX)) {
            return frame == null ? -1 : frame.bytes().length();
        }
    }
}
