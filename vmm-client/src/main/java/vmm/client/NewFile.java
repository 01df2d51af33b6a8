package vmm.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that appears whole or not at all: written beside its place and moved there when it is
 * complete. Runs of zeros become holes. One thread.
 */
final class NewFile implements AutoCloseable {
    private static final int HOLE_BYTES = 4096;

    private final Path target;
    private final Path written;
    private final FileChannel channel;
    private final @Nullable Thread removal;

    private NewFile(Path target, Path written, FileChannel channel) {
        this.target = target;
        this.written = written;
        this.channel = channel;
        this.removal = isBeside() ? new Thread(this::forget) : null;
        if (removal != null) {
            Runtime.getRuntime().addShutdownHook(removal);
        }
    }

    /** Opens it; an old one is replaced by force alone. */
    static NewFile at(Path target, boolean force) throws ClientFailure {
        if (Files.exists(target) && !force) {
            throw ClientFailure.usage(target + " exists: add --force to write over it");
        }
        boolean special = Files.exists(target) && !Files.isRegularFile(target);
        String hidden = "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part";
        Path written = special ? target : target.resolveSibling(hidden);
        try {
            var options =
                    special
                            ? Set.of(StandardOpenOption.WRITE)
                            : Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            return new NewFile(target, written, FileChannel.open(written, options));
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private boolean isBeside() {
        return !written.equals(target);
    }

    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            ByteBuffer piece =
                    bytes.slice(bytes.position(), Math.min(HOLE_BYTES * 16, bytes.remaining()));
            bytes.position(bytes.position() + piece.remaining());
            if (isBeside() && isZero(piece)) {
                channel.position(channel.position() + piece.remaining());
                continue;
            }
            while (piece.hasRemaining()) {
                channel.write(piece);
            }
        }
    }

    private static boolean isZero(ByteBuffer piece) {
        return piece.remaining() >= HOLE_BYTES
                && piece.get(piece.position()) == 0
                && piece.slice(piece.position() + 1, piece.remaining() - 1)
                                .mismatch(piece.slice(piece.position(), piece.remaining() - 1))
                        < 0;
    }

    /** Nothing is written yet. */
    void restart() throws IOException {
        channel.truncate(0);
    }

    /** All is written: puts it into its place. */
    void complete() throws IOException {
        long end = channel.position();
        if (isBeside() && channel.size() < end) {
            channel.write(ByteBuffer.allocate(1), end - 1);
        }
        channel.close();
        if (isBeside()) {
            Files.move(
                    written,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    static ClientFailure failure(Path file, IOException e) {
        return switch (e) {
            case FileAlreadyExistsException _ ->
                    ClientFailure.usage(file + " is being written by another vmm");
            default -> ClientFailure.communication("cannot write " + file + ": " + reason(e));
        };
    }

    /** Why, without the name of the file. */
    static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "no such folder";
            case FileSystemException why when why.getReason() != null ->
                    String.valueOf(why.getReason());
            default -> String.valueOf(e.getMessage());
        };
    }

    private void forget() {
        try {
            channel.close();
            Files.deleteIfExists(written);
        } catch (IOException _) {
            // The folder is gone or read-only: nothing is left to tidy.
        }
    }

    @Override
    public void close() {
        if (removal != null) {
            forget();
            try {
                Runtime.getRuntime().removeShutdownHook(removal);
            } catch (IllegalStateException _) {
                // The process is ending: the hook does the same.
            }
        }
    }
}
