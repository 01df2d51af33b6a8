package vmm.wire.channel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
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
            while (true) {
                try (Frame frame = chunks ? reader.nextChunk(BYTES_MAX) : reader.next(BYTES_MAX)) {
                    if (frame == null) {
                        return;
                    }
                    int length = frame.bytes().length();
                    read += length;
                    if (length == 0 || length > BYTES_MAX || read > bytes.length) {
                        throw new AssertionError("a frame of " + length + " bytes");
                    }
                }
            }
        } catch (IOException refused) {
            if (!(refused instanceof FrameException)) {
                throw new AssertionError(refused);
            }
        }
    }
}
