package vmm.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;
import vmm.client.files.Reason;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Prefix;
import vmm.wire.Success;
import vmm.wire.channel.FrameWriter;

/** The content of block devices on its way in, in pieces: memory does not grow with it. */
record BlockStreams(Desk desk, Terminal terminal, SharedOptions common) {
    /** What is read of a file at once; a chunk that is not compressed holds as much. */
    private static final int PIECE_BYTES = 128 << 10;

    /** All that albatross's endpoint says when vmmd refuses what is still on its way. */
    private static final String UNEXPLAINED = "writing block data";

    BlockStreams(Terminal terminal, SharedOptions common) {
        this(new Desk(terminal, common), terminal, common);
    }

    int set(Name name, Path file, int level, Resume resume) throws ClientFailure {
        if (common.printsRequest()) {
            boolean streams = common.release.streams();
            var none = new Command.BlockSetOld(level > 0, Bytes.EMPTY);
            return desk.print(desk.request(name, streams ? new Command.BlockSet(level > 0) : none));
        }
        Success success =
                resume.isWanted()
                        ? resume.run(terminal, () -> goOn(name, file, level))
                        : send(name, file, level);
        if (!common.isQuiet()) {
            desk.show(success);
        }
        return ExitCode.OK;
    }

    /** From its start where the other side cannot go on, or holds something else. */
    private Success goOn(Name name, Path file, int level) throws ClientFailure {
        try (FileChannel from = open(file)) {
            Prefix held;
            try {
                held = held(name, from);
            } catch (ClientFailure failure) {
                if (!failure.isRefusal()) {
                    throw failure;
                }
                return send(name, file, level);
            }
            var command = new Command.BlockSetFrom(level > 0, held);
            return stream(name, command, from.position(held.bytes()), level);
        } catch (IOException e) {
            throw ClientFailure.usage("cannot read " + file + ": " + Reason.of(e));
        }
    }

    /** What vmmd holds of the file. */
    private Prefix held(Name name, FileChannel from) throws ClientFailure, IOException {
        if (!(desk.fetch("vmmd", name, new Command.BlockHeld()) instanceof Success.Held(var it))) {
            throw Desk.unexpected();
        }
        boolean same = it.bytes() <= from.size() && Prefix.of(from, it.bytes()).equals(it);
        return same ? it : Prefix.NONE;
    }

    /** Replaces what is on the device by what is in the file. */
    Success send(Name name, Path file, int level) throws ClientFailure {
        try (FileChannel from = open(file)) {
            if (common.release.streams()) {
                return stream(name, new Command.BlockSet(level > 0), from, level);
            }
            Bytes whole = whole(from, file);
            Bytes sent = level == 0 ? whole : Images.compressed(whole, level);
            return desk.fetch("vmmd", name, new Command.BlockSetOld(level > 0, sent));
        } catch (IOException e) {
            throw ClientFailure.usage("cannot read " + file + ": " + Reason.of(e));
        }
    }

    private static FileChannel open(Path file) throws ClientFailure, IOException {
        if (Files.notExists(file)) {
            throw ClientFailure.usage("no such file: " + file);
        }
        if (Files.isDirectory(file)) {
            throw ClientFailure.usage(file + " is a folder: name a file to copy into the device");
        }
        return FileChannel.open(file);
    }

    private static Bytes whole(FileChannel from, Path file) throws IOException, ClientFailure {
        if (from.size() > Images.IMAGE_BYTES_MAX) {
            throw ClientFailure.usage(
                    file
                            + " is larger than the "
                            + (Images.IMAGE_BYTES_MAX >> 20)
                            + " MiB that servers of that release take at once");
        }
        return Bytes.view(from.map(FileChannel.MapMode.READ_ONLY, 0, from.size()));
    }

    private Success stream(Name name, Command command, FileChannel from, int level)
            throws ClientFailure, IOException {
        try (Conversation talk = desk.open("vmmd")) {
            talk.ask(desk.request(name, command));
            return send(talk, from, level, "set " + name);
        } catch (ClientFailure failure) {
            throw failure.line().equals(UNEXPLAINED) ? explained(failure, name, from) : failure;
        }
    }

    /** What vmmd must have said, by the device as it is. */
    private ClientFailure explained(ClientFailure failure, Name name, FileChannel from)
            throws ClientFailure, IOException {
        if (!(desk.fetch("vmmd", name, new Command.BlockInfo())
                instanceof Success.BlockDevices(var devices))) {
            throw Desk.unexpected();
        }
        if (devices.isEmpty()) {
            return ClientFailure.remote("set block: not found");
        }
        Success.BlockDevice device = devices.getFirst();
        if (device.active()) {
            return ClientFailure.remote("set block: is in use");
        }
        return from.size() > device.sizeMiB() << 20
                ? ClientFailure.remote("data exceeds block size")
                : failure;
    }

    private Success send(Conversation talk, FileChannel from, int level, String what)
            throws ClientFailure, IOException {
        var answer = new CompletableFuture<Success>();
        Thread.ofVirtual().start(() -> hear(talk, answer));
        try (var progress = new Progress(terminal, !common.isQuiet(), what, from.size())) {
            progress.skip(from.position());
            send(talk, from, level, progress, answer);
            return wait(answer);
        }
    }

    /** A server that refuses says so while the content is still on its way. */
    private static void hear(Conversation talk, CompletableFuture<Success> answer) {
        try {
            answer.complete(Desk.success(talk.answer()));
        } catch (ClientFailure failure) {
            answer.completeExceptionally(failure);
        }
    }

    private static void send(
            Conversation talk,
            FileChannel from,
            int level,
            Progress progress,
            CompletableFuture<Success> answer)
            throws IOException {
        var piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        @Nullable Deflater deflater = level == 0 ? null : new Deflater(level);
        var packed = ByteBuffer.allocateDirect(FrameWriter.COMPRESSED_CHUNK_BYTES_MAX);
        try {
            for (int read = from.read(piece); read >= 0; read = from.read(piece)) {
                piece.flip();
                progress.advance(piece.remaining());
                boolean goesOn =
                        deflater == null
                                ? talk.send(Bytes.view(piece))
                                : deflated(talk, deflater, piece, packed);
                if (!goesOn || answer.isDone()) {
                    return;
                }
                piece.clear();
            }
            if (deflater != null) {
                deflater.finish();
                boolean _ = deflated(talk, deflater, ByteBuffer.allocate(0), packed);
            }
            talk.sendEnd();
        } finally {
            if (deflater != null) {
                deflater.end();
            }
        }
    }

    private static boolean deflated(
            Conversation talk, Deflater deflater, ByteBuffer piece, ByteBuffer packed) {
        deflater.setInput(piece);
        while (!deflater.finished()) {
            int length = deflater.deflate(packed.clear());
            if (length == 0) {
                return true;
            }
            if (!talk.send(Bytes.view(packed.flip()))) {
                return false;
            }
        }
        return true;
    }

    private static Success wait(CompletableFuture<Success> answer) throws ClientFailure {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClientFailure failure) {
                throw failure;
            }
            throw new AssertionError("only failures are told", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw ClientFailure.communication("interrupted while sending");
        }
    }
}
