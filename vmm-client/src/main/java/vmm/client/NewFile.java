package vmm.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import vmm.client.files.Reason;
import vmm.wire.Prefix;

/**
 * A file that appears whole or not at all: written beside its place and moved there when it is
 * complete. Runs of zeros become holes. One thread.
 */
final class NewFile implements AutoCloseable {
    private static final int HOLE_BYTES = 4096;
    private static final String INTERRUPTED = "it was interrupted";
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(HOLE_BYTES);

    private final Path target;
    private final Path written;
    private final FileChannel channel;
    private final @Nullable Removal removal;

    /** What was written, holes included. */
    private long length;

    private NewFile(
            Path target,
            Path written,
            FileChannel channel,
            long length,
            @Nullable Removal removal) {
        this.target = target;
        this.written = written;
        this.channel = channel;
        this.length = length;
        this.removal = removal;
    }

    /** Removes a file when the process is interrupted, at whatever instant that is. */
    private static final class Removal extends Thread {
        private final Path file;

        /** Whose turn it is: the process makes the file, or this ends it, for good. */
        private final Semaphore turn = new Semaphore(1);

        Removal(Path file) {
            this.file = file;
        }

        FileChannel create() throws IOException {
            try {
                Runtime.getRuntime().addShutdownHook(this);
            } catch (IllegalStateException e) {
                throw new InterruptedIOException(INTERRUPTED);
            }
            if (!turn.tryAcquire()) {
                throw new InterruptedIOException(INTERRUPTED);
            }
            try {
                return FileChannel.open(
                        file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            } catch (IOException e) {
                cancel();
                throw e;
            } finally {
                turn.release();
            }
        }

        void cancel() {
            try {
                boolean _ = Runtime.getRuntime().removeShutdownHook(this);
            } catch (IllegalStateException _) {
                // The process is ending: the hook runs all the same.
            }
        }

        @Override
        public void run() {
            turn.acquireUninterruptibly();
            remove(file);
        }
    }

    /** Opens it; an old one is replaced by force alone. */
    static NewFile at(Path target, boolean force) throws ClientFailure {
        checkMayBeWritten(target, force);
        boolean special = Files.exists(target) && !Files.isRegularFile(target);
        String hidden = "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part";
        Path written = target.resolveSibling(hidden);
        try {
            if (special) {
                var channel = FileChannel.open(target, StandardOpenOption.WRITE);
                return new NewFile(target, target, channel, 0, null);
            }
            var removal = new Removal(written);
            return new NewFile(target, written, removal.create(), 0, removal);
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    /** As {@link #at}, and what is written stays for the next one until all of it is there. */
    static NewFile continued(Path target, boolean force) throws ClientFailure {
        checkMayBeWritten(target, force);
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw ClientFailure.usage("--resume needs a file, and " + target + " is none");
        }
        Path written = target.resolveSibling("." + target.getFileName() + ".part");
        try {
            FileChannel channel =
                    FileChannel.open(
                            written,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE);
            if (channel.tryLock() == null) {
                channel.close();
                throw new FileAlreadyExistsException(target.toString());
            }
            return new NewFile(
                    target, written, channel.position(channel.size()), channel.size(), null);
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static void checkMayBeWritten(Path target, boolean force) throws ClientFailure {
        if (Files.exists(target) && !force) {
            throw ClientFailure.usage(target + " exists: add --force to write over it");
        }
    }

    long length() {
        return length;
    }

    /** What is written. */
    Prefix prefix() throws IOException {
        extend();
        return Prefix.of(channel.position(0), length);
    }

    /** All but so many bytes is written anew. */
    void keep(long bytes) throws IOException {
        channel.truncate(bytes).position(bytes);
        length = bytes;
    }

    /** The last zeros are no hole beyond the end. */
    private void extend() throws IOException {
        if (channel.size() < length) {
            channel.write(ByteBuffer.allocate(1), length - 1);
        }
    }

    private boolean isBeside() {
        return !written.equals(target);
    }

    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int start = bytes.position();
            boolean hole = isBeside() && isHole(bytes, start);
            int end = start;
            do {
                end = Math.min(bytes.limit(), end + HOLE_BYTES);
            } while (end < bytes.limit() && (isBeside() && isHole(bytes, end)) == hole);
            if (hole) {
                channel.position(channel.position() + (end - start));
            }
            ByteBuffer run = bytes.slice(start, end - start);
            while (!hole && run.hasRemaining()) {
                channel.write(run);
            }
            bytes.position(end);
            length += end - start;
        }
    }

    private static boolean isHole(ByteBuffer bytes, int from) {
        int length = Math.min(HOLE_BYTES, bytes.limit() - from);
        return length == HOLE_BYTES && bytes.slice(from, length).equals(ZEROS);
    }

    /** All is written: puts it into its place. */
    void complete() throws IOException {
        if (isBeside()) {
            extend();
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
            default -> ClientFailure.local("cannot write " + file + ": " + Reason.of(e));
        };
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // The folder is gone or read-only: nothing is left to tidy.
        }
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException _) {
            // What counts was told when it was complete.
        }
    }

    @Override
    public void close() {
        if (removal == null && (length > 0 || !isBeside())) {
            closeChannel();
            return;
        }
        closeChannel();
        remove(written);
        if (removal != null) {
            removal.cancel();
        }
    }
}
