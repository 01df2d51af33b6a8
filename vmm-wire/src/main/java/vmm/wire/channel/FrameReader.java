package vmm.wire.channel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames from a channel. One thread.
 *
 * <p>Reads ahead as much as fits its buffer: who wants the channel's raw bytes must not use this.
 */
public final class FrameReader {
    /** What a peer may send that has no image to give. */
    public static final int SMALL_FRAME_BYTES_MAX = 64 * 1024;

    /** What a peer may send where an image may come. */
    public static final int IMAGE_FRAME_BYTES_MAX = 64 * 1024 * 1024;

    private static final int LENGTH_BYTES = 4;
    private static final int BUFFER_BYTES = 8 * 1024;

    /** Most connections carry one small frame. */
    private static final int FIRST_BUFFER_BYTES = 512;

    private static final int HEAP_FRAME_BYTES_MAX = 64 * 1024;

    /** What is read of a stream at once, at most. */
    public static final int PIECE_BYTES = 256 * 1024;

    /** Small chunks are read together, up to so much: a slow peer's are not waited for longer. */
    private static final int TOGETHER_BYTES = 16 * 1024;

    private final ReadableByteChannel channel;
    private final boolean passing;
    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_BUFFER_BYTES).limit(0);

    private boolean used;

    /** Of a stream's pieces, and of passing frames that fit. */
    private @Nullable ByteBuffer shared;

    /** Bytes of the chunk that is being read which are still to come. */
    private int chunkLeft;

    private boolean streamEnded;

    public FrameReader(ReadableByteChannel channel) {
        this(channel, false);
    }

    private FrameReader(ReadableByteChannel channel, boolean passing) {
        this.channel = channel;
        this.passing = passing;
    }

    /**
     * Has what a large frame needs of the JDK loaded and compiled: the first image would else wait
     * some tenths of a second for its memory to be cleared. Takes some milliseconds.
     */
    public static void prepare() {
        try (Arena arena = Arena.ofShared()) {
            arena.allocate(HEAP_FRAME_BYTES_MAX).asByteBuffer();
        }
    }

    /** Each frame is over when the next one is read: large ones share their memory. */
    public static FrameReader ofPassing(ReadableByteChannel channel) {
        return new FrameReader(channel, true);
    }

    /**
     * The next frame, or null where the peer has ended between frames.
     *
     * @param bytesMax what its length may be; checked before anything is allocated for it
     * @throws FrameException if the length is 0, negative or larger, or the frame is cut off
     */
    public @Nullable Frame next(int bytesMax) throws IOException {
        int length = length();
        if (length == END) {
            return null;
        }
        if (length <= 0) {
            throw new FrameException("a frame of length " + length);
        }
        return content(length, bytesMax);
    }

    /**
     * The next bytes of a raw stream, at most {@value #PIECE_BYTES}, or null behind its end: a
     * chunk of length 0 or less. They are over when the next ones are read.
     *
     * @param bytesMax what the length of a chunk may be
     * @throws FrameException also where the connection ends before the stream does
     */
    public @Nullable ByteBuffer nextPiece(int bytesMax) throws IOException {
        ByteBuffer piece = shared(shared == null ? BUFFER_BYTES : PIECE_BYTES);
        while (!streamEnded && piece.hasRemaining()) {
            if (chunkLeft == 0) {
                if (piece.position() >= TOGETHER_BYTES) {
                    break;
                }
                beginChunk(bytesMax);
            }
            int limit = piece.limit();
            int length = Math.min(chunkLeft, piece.remaining());
            readFully(piece.limit(piece.position() + length));
            piece.limit(limit);
            chunkLeft -= length;
        }
        return piece.position() == 0 ? null : piece.flip();
    }

    private void beginChunk(int bytesMax) throws IOException {
        int length = length();
        if (length == END) {
            throw new FrameException("the connection ended in the middle of a stream");
        }
        streamEnded = length <= 0;
        chunkLeft = streamEnded ? 0 : checked(length, bytesMax);
    }

    private ByteBuffer shared(int bytes) {
        ByteBuffer before = shared;
        if (before != null && before.capacity() >= bytes) {
            return before.clear();
        }
        ByteBuffer larger = ByteBuffer.allocateDirect(bytes);
        shared = larger;
        return larger;
    }

    private static int checked(int length, int bytesMax) throws FrameException {
        if (length > bytesMax) {
            throw new FrameException(
                    "a frame of " + length + " bytes where " + bytesMax + " are allowed");
        }
        return length;
    }

    /** No length: the peer has ended. */
    private static final int END = Integer.MIN_VALUE;

    private int length() throws IOException {
        if (!fill(LENGTH_BYTES)) {
            if (buffer.hasRemaining()) {
                throw new FrameException("the connection ended in the middle of a length");
            }
            return END;
        }
        int length = buffer.getInt();
        return length == END ? -1 : length;
    }

    private Frame content(int length, int bytesMax) throws IOException {
        checked(length, bytesMax);
        if (passing && length > BUFFER_BYTES && length <= PIECE_BYTES) {
            ByteBuffer bytes = shared(PIECE_BYTES).limit(length);
            readFully(bytes);
            return Frame.passing(bytes.flip());
        }
        if (length <= HEAP_FRAME_BYTES_MAX) {
            byte[] bytes = new byte[length];
            readFully(ByteBuffer.wrap(bytes));
            return Frame.onHeap(bytes);
        }
        Arena arena = Arena.ofShared();
        try {
            ByteBuffer bytes = arena.allocate(length).asByteBuffer();
            readFully(bytes);
            return Frame.outsideHeap(bytes.flip(), arena);
        } catch (IOException e) {
            arena.close();
            throw e;
        }
    }

    private void readFully(ByteBuffer target) throws IOException {
        int ready = Math.min(buffer.remaining(), target.remaining());
        target.put(buffer.slice(buffer.position(), ready));
        buffer.position(buffer.position() + ready);
        while (target.hasRemaining()) {
            if (channel.read(target) < 0) {
                throw new FrameException("the connection ended in the middle of a frame");
            }
        }
    }

    /** Reads until {@code wanted} bytes are there; false if the peer ended before. */
    private boolean fill(int wanted) throws IOException {
        while (buffer.remaining() < wanted) {
            if (used && buffer.capacity() < BUFFER_BYTES) {
                buffer = ByteBuffer.allocate(BUFFER_BYTES).put(buffer).flip();
            }
            used = true;
            buffer.compact();
            int read = channel.read(buffer);
            buffer.flip();
            if (read < 0) {
                return false;
            }
        }
        return true;
    }
}
