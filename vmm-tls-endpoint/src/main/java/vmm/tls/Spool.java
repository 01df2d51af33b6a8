package vmm.tls;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import vmm.core.Bytes;
import vmm.core.UnikernelConfig;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;

/**
 * An image that came in chunks, in a file without a name: its length must be known before it can be
 * sent on, and memory is for many clients. One thread.
 */
final class Spool implements AutoCloseable {
    /** What vmmd takes as one image, packed or not. */
    static final long IMAGE_BYTES_MAX = 64L << 20;

    private static final int PIECE_BYTES = 64 << 10;

    /** Stands for the image while the message around it is encoded. */
    private static final byte[] PLACE =
            "\0the image goes here\0\1".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final FileChannel file;
    private final long bytes;

    private Spool(FileChannel file, long bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** The image cannot be kept, which the client is told. */
    static final class Unkept extends IOException {
        private static final long serialVersionUID = 1L;

        Unkept(String why) {
            super(why);
        }
    }

    /** Reads chunks up to the one of length 0. */
    static Spool read(InputStream from) throws IOException {
        FileChannel file = nameless();
        try {
            return new Spool(file, copy(new DataInputStream(from), file));
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** On Unix its name goes as soon as it is open. */
    private static FileChannel nameless() throws Unkept {
        try {
            return FileChannel.open(
                    Files.createTempFile("vmm-image", ""),
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new Unkept("there is no place for the image: " + e.getMessage());
        }
    }

    private static long copy(DataInputStream from, FileChannel file) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        long total = 0;
        for (int left = from.readInt(); left > 0; left = from.readInt()) {
            if (total + left > IMAGE_BYTES_MAX) {
                throw new Unkept("the image is larger than " + (IMAGE_BYTES_MAX >> 20) + " MiB");
            }
            while (left > 0) {
                int read = from.read(piece, 0, Math.min(left, piece.length));
                if (read < 0) {
                    throw new EOFException("the connection ended in the middle of the image");
                }
                write(ByteBuffer.wrap(piece, 0, read), file);
                left -= read;
                total += read;
            }
        }
        return total;
    }

    private static void write(ByteBuffer piece, FileChannel file) throws Unkept {
        try {
            while (piece.hasRemaining()) {
                file.write(piece);
            }
        } catch (IOException e) {
            throw new Unkept("there is no place for the image: " + e.getMessage());
        }
    }

    /** Sends a create whose image is this. */
    void send(Header header, Command.Create create, ByteChannel to) throws IOException {
        UnikernelConfig config = create.config();
        var marked =
                new Command.Create(
                        create.force(),
                        create.form(),
                        new UnikernelConfig(
                                config.typ(),
                                config.compressed(),
                                Bytes.of(PLACE),
                                config.arguments()));
        Splice splice = Splice.of(Message.asking(header, marked), PLACE, (int) bytes);
        write(splice.before(), to);
        long at = 0;
        while (at < bytes) {
            at += file.transferTo(at, bytes - at, to);
        }
        write(splice.after(), to);
    }

    private static void write(Bytes part, ByteChannel to) throws IOException {
        ByteBuffer buffer = part.asBuffer();
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
