package vmm.vmmd.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.wire.Prefix;
import vmm.wire.channel.FrameWriter;

/** Content that is too large for the heap, compressed (RFC 1950) and not, piece by piece. */
public final class Zlib {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** What a stream is cut into if it is not compressed. */
    private static final int PLAIN_CHUNK_BYTES = 128 * 1024;

    private Zlib() {}

    /** Where content comes from. */
    public interface Source {
        /** The next piece, used before the one after it is asked for; null at the end. */
        @Nullable ByteBuffer next() throws IOException;

        /** All of {@code bytes}, in one piece. */
        static Source of(Bytes bytes) {
            var pieces = new java.util.ArrayDeque<ByteBuffer>();
            pieces.add(bytes.asBuffer());
            return pieces::poll;
        }
    }

    /** Where content goes to. */
    public interface Sink {
        /** Takes a piece whole; its memory is used again afterwards. */
        void take(ByteBuffer piece) throws IOException;
    }

    /** Gives all of {@code source} to {@code sink}, uncompressed if it is {@code compressed}. */
    public static void copy(boolean compressed, Source source, Sink sink) throws IOException {
        if (compressed) {
            inflate(source, sink);
            return;
        }
        for (ByteBuffer piece = source.next(); piece != null; piece = source.next()) {
            sink.take(piece);
        }
    }

    private static void inflate(Source source, Sink sink) throws IOException {
        var inflater = new Inflater();
        try {
            var plain = ByteBuffer.allocateDirect(BUFFER_BYTES);
            for (ByteBuffer piece = source.next(); piece != null; piece = source.next()) {
                inflater.setInput(piece);
                while (inflater.inflate(plain.clear()) > 0) {
                    sink.take(plain.flip());
                }
                if (inflater.finished() && inflater.getRemaining() > 0) {
                    throw new IOException("something follows the compressed content");
                }
            }
            if (!inflater.finished()) {
                throw new IOException("the compressed content is cut off");
            }
        } catch (DataFormatException e) {
            throw new IOException("the content is not zlib data: " + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }

    /**
     * A file, opened to be read behind what the other side has of it.
     *
     * @throws IOException also if it does not begin so
     */
    static FileChannel open(Path file, Prefix from) throws IOException {
        FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
        try {
            if (!beginsWith(in, from)) {
                throw new IOException("it was changed meanwhile: fetch it from its start");
            }
            return in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** Whether these are the first bytes; if so, the file stands behind them. */
    static boolean beginsWith(FileChannel file, Prefix prefix) throws IOException {
        return prefix.bytes() <= file.size() && Prefix.of(file, prefix.bytes()).equals(prefix);
    }

    /**
     * Gives what is left of a file to {@code sink}.
     *
     * @param level of compression, 1 to 9; 0 is none
     */
    public static void read(FileChannel in, int level, Sink sink) throws IOException {
        if (level > 0) {
            deflate(in, level, sink);
            return;
        }
        var buffer = ByteBuffer.allocateDirect(PLAIN_CHUNK_BYTES);
        while (in.read(buffer.clear()) >= 0) {
            sink.take(buffer.flip());
        }
    }

    private static void deflate(FileChannel in, int level, Sink sink) throws IOException {
        var deflater = new Deflater(level);
        try {
            var plain = ByteBuffer.allocateDirect(BUFFER_BYTES);
            var out = ByteBuffer.allocateDirect(FrameWriter.COMPRESSED_CHUNK_BYTES_MAX);
            while (in.read(plain.clear()) >= 0) {
                deflater.setInput(plain.flip());
                while (!deflater.needsInput()) {
                    deflate(deflater, out, sink);
                }
            }
            // It would read on in the buffer that was cleared.
            deflater.setInput(plain.limit(0));
            deflater.finish();
            while (!deflater.finished()) {
                deflate(deflater, out, sink);
            }
            if (out.position() > 0) {
                sink.take(out.flip());
            }
        } finally {
            deflater.end();
        }
    }

    /** Only full chunks are given on. */
    private static void deflate(Deflater deflater, ByteBuffer out, Sink sink) throws IOException {
        deflater.deflate(out);
        if (!out.hasRemaining()) {
            sink.take(out.flip());
            out.clear();
        }
    }

    /**
     * A whole file as memory of {@code arena}, outside the heap.
     *
     * @param level of compression, 1 to 9; 0 is none
     * @throws IOException also if it is too large for one message
     */
    public static Bytes map(Path file, int level, Arena arena) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            return level > 0 ? mapDeflated(in, file, level, arena) : map(in, arena);
        }
    }

    private static Bytes mapDeflated(FileChannel in, Path file, int level, Arena arena)
            throws IOException {
        Path folder = java.util.Objects.requireNonNull(file.toAbsolutePath().getParent());
        Path beside = Files.createTempFile(folder, "outgoing~", "");
        try (FileChannel out =
                FileChannel.open(beside, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Files.delete(beside);
            deflate(in, level, piece -> write(out, piece));
            return map(out, arena);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private static Bytes map(FileChannel in, Arena arena) throws IOException {
        if (in.size() > Integer.MAX_VALUE) {
            throw new IOException(in.size() + " bytes are too many for one message");
        }
        return Bytes.view(
                in.map(FileChannel.MapMode.READ_ONLY, 0, in.size(), arena).asByteBuffer());
    }

    static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
