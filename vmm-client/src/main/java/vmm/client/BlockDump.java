package vmm.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;

/** The content of block devices on its way out, in pieces: memory does not grow with it. */
record BlockDump(Desk desk, Terminal terminal, SharedOptions common) {
    BlockDump(Terminal terminal, SharedOptions common) {
        this(new Desk(terminal, common), terminal, common);
    }

    /** Where plain content goes to. */
    @FunctionalInterface
    interface Sink {
        void take(ByteBuffer bytes) throws IOException, ClientFailure;
    }

    int dump(Name name, @Nullable Path file, boolean force, int level, Resume resume)
            throws ClientFailure {
        Path target = file == null ? Images.fresh(name, Instant.now()) : file;
        Message request = request(name, level);
        if (common.printsRequest()) {
            return desk.print(request);
        }
        if (resume.isWanted()) {
            try (NewFile to = NewFile.at(target, force)) {
                var kept = new KeptContent(to);
                resume.run(terminal, () -> again(name, request, kept));
                to.complete();
            } catch (IOException e) {
                throw NewFile.failure(target, e);
            }
        } else {
            once(name, request, target, force);
        }
        if (!common.isQuiet()) {
            terminal.out().println("dumped block device to " + target);
        }
        return ExitCode.OK;
    }

    private Message request(Name name, int level) throws ClientFailure {
        return desk.request(
                name,
                common.release.blocksAsStreams()
                        ? new Command.BlockDump(level)
                        : new Command.BlockDumpOld(level));
    }

    /** The file is made when the content is on its way, and not before. */
    private void once(Name name, Message request, Path target, boolean force) throws ClientFailure {
        long size = size(name);
        try (Conversation talk = desk.open("vmmd")) {
            talk.ask(request);
            Success success = Desk.success(talk.answer());
            try (NewFile to = NewFile.at(target, force)) {
                receive(talk, success, to::write, name, size);
                to.complete();
            } catch (IOException e) {
                throw NewFile.failure(target, e);
            }
        }
    }

    private Success again(Name name, Message request, KeptContent kept) throws ClientFailure {
        long size = size(name);
        try (Conversation talk = desk.open("vmmd")) {
            talk.ask(request);
            Success success = Desk.success(talk.answer());
            kept.begin();
            receive(talk, success, kept, name, size);
            return success;
        } catch (IOException e) {
            throw ClientFailure.usage("cannot write: " + NewFile.reason(e));
        }
    }

    /** Whether the device holds what is in the file, and zeros after it: their hashes tell. */
    boolean holds(Name name, Path file) throws ClientFailure {
        try (FileChannel content = FileChannel.open(file);
                Conversation talk = desk.open("vmmd")) {
            talk.ask(request(name, 0));
            var seen = new PrefixHash(content.size());
            receive(talk, Desk.success(talk.answer()), seen, name, size(name));
            return seen.isOf(content);
        } catch (IOException e) {
            throw ClientFailure.usage("cannot read " + file + ": " + NewFile.reason(e));
        }
    }

    /** For the bar alone; 0 where none is drawn. */
    private long size(Name name) throws ClientFailure {
        if (!terminal.live() || common.isQuiet()) {
            return 0;
        }
        return desk.fetch("vmmd", name, new Command.BlockInfo())
                                instanceof Success.BlockDevices(var list)
                        && list.size() == 1
                ? list.getFirst().sizeMiB() << 20
                : 0;
    }

    private void receive(Conversation talk, Success success, Sink sink, Name name, long size)
            throws ClientFailure, IOException {
        boolean wanted = !common.isQuiet();
        try (var progress = new Progress(terminal, wanted, "dump " + name, size)) {
            switch (success) {
                case Success.BlockImage(var compressed) -> {
                    try (var content = new Content(compressed, sink, progress)) {
                        pieces(talk, content);
                        content.end();
                    }
                }
                case Success.BlockImageOld(var compressed, var image) -> {
                    try (var content = new Content(compressed, sink, progress)) {
                        content.take(image.asBuffer());
                        content.end();
                    }
                }
                default -> throw Desk.unexpected();
            }
        }
    }

    private static void pieces(Conversation talk, Content content)
            throws ClientFailure, IOException {
        for (var next = talk.next(); next.isPresent(); next = talk.next()) {
            switch (next.get().payload()) {
                case Payload.Told(Data.Chunk(var bytes)) -> content.take(bytes.asBuffer());
                case Payload.Told(Data.End()) -> {
                    return;
                }
                case Payload.Failed(var why) -> throw ClientFailure.remote(why);
                case Payload.Told _, Payload.Asked _, Payload.Done _ -> throw Desk.unexpected();
            }
        }
        throw ClientFailure.communication(
                "the connection closed before the whole device had come; nothing is kept, try"
                        + " again");
    }

    /** Content that is uncompressed, if need be, and written as it comes. */
    private static final class Content implements AutoCloseable {
        private final @Nullable Inflater inflater;
        private final Sink to;
        private final Progress progress;
        private final ByteBuffer plain = ByteBuffer.allocateDirect(BlockStreams.PIECE_BYTES);

        Content(boolean compressed, Sink to, Progress progress) {
            this.inflater = compressed ? new Inflater() : null;
            this.to = to;
            this.progress = progress;
        }

        void take(ByteBuffer bytes) throws IOException, ClientFailure {
            if (inflater == null) {
                progress.advance(bytes.remaining());
                to.take(bytes);
                return;
            }
            inflater.setInput(bytes);
            try {
                while (!inflater.finished()) {
                    int length = inflater.inflate(plain.clear());
                    if (length == 0) {
                        return;
                    }
                    progress.advance(length);
                    to.take(plain.flip());
                }
            } catch (DataFormatException e) {
                throw ClientFailure.communication("what came is no zlib data: " + e.getMessage());
            }
        }

        void end() throws ClientFailure {
            if (inflater != null && !inflater.finished()) {
                throw ClientFailure.communication("the compressed content ended too early");
            }
        }

        @Override
        public void close() {
            if (inflater != null) {
                inflater.end();
            }
        }
    }
}
