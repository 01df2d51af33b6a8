package vmm.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import vmm.core.Name;
import vmm.core.UnikernelConfig;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Message.Payload;
import vmm.wire.Prefix;
import vmm.wire.Success;

/**
 * Content on its way out of vmmd, of an image or a block device: where it comes in pieces memory
 * does not grow with it.
 */
record Download(Desk desk, Terminal terminal, SharedOptions common) {
    private static final int PIECE_BYTES = 64 << 10;

    Download(Terminal terminal, SharedOptions common) {
        this(new Desk(terminal, common), terminal, common);
    }

    /**
     * What is fetched.
     *
     * @param what it is, for the user
     * @param whole asks for all of it
     * @param rest asks for what is left of it
     */
    record Wanted(Name name, String what, Command whole, Function<Prefix, Command> rest) {}

    int run(Wanted wanted, FileOptions file, Resume resume) throws ClientFailure {
        Path target = file.target();
        if (common.printsRequest()) {
            return desk.print(desk.request(wanted.name(), wanted.whole()));
        }
        if (resume.isWanted()) {
            inTurns(wanted, target, file.force(), resume);
        } else {
            once(wanted, target, file.force());
        }
        if (!common.isQuiet()) {
            terminal.out().println("dumped " + wanted.what() + " to " + target);
        }
        return ExitCode.OK;
    }

    /** The file is made when the content is on its way, and not before. */
    private void once(Wanted wanted, Path target, boolean force) throws ClientFailure {
        long size = size(wanted);
        try (Conversation talk = desk.open("vmmd")) {
            talk.ask(desk.request(wanted.name(), wanted.whole()));
            Success success = Desk.success(talk.answer());
            try (NewFile to = NewFile.at(target, force)) {
                receive(talk, success, to, wanted, size);
                to.complete();
            } catch (IOException e) {
                throw NewFile.failure(target, e);
            }
        }
    }

    private void inTurns(Wanted wanted, Path target, boolean force, Resume resume)
            throws ClientFailure {
        long size = size(wanted);
        try (NewFile to = NewFile.continued(target, force)) {
            resume.run(terminal, () -> goOn(wanted, to, target, size));
            to.complete();
        } catch (IOException e) {
            throw NewFile.failure(target, e);
        }
    }

    /** From its start where the other side cannot go on, or the content is another one now. */
    private Success goOn(Wanted wanted, NewFile to, Path target, long size) throws ClientFailure {
        try {
            Prefix have = to.prefix();
            try {
                return fetch(wanted, wanted.rest().apply(have), to, have.bytes(), size);
            } catch (ClientFailure failure) {
                if (!failure.isRefusal()) {
                    throw failure;
                }
                if (have.bytes() > 0) {
                    terminal.say("vmm: " + failure.line() + "; from its start again");
                }
            }
            return fetch(wanted, wanted.whole(), to, 0, size);
        } catch (IOException e) {
            throw NewFile.failure(target, e);
        }
    }

    private Success fetch(Wanted wanted, Command command, NewFile to, long kept, long size)
            throws ClientFailure, IOException {
        try (Conversation talk = desk.open("vmmd")) {
            talk.ask(desk.request(wanted.name(), command));
            Success success = Desk.success(talk.answer());
            to.keep(kept);
            receive(talk, success, to, wanted, size);
            return success;
        }
    }

    /** For the bar alone; 0 where none is drawn or nobody knows. */
    private long size(Wanted wanted) throws ClientFailure {
        boolean device = wanted.whole() instanceof Command.Block;
        if (!device || !terminal.live() || common.isQuiet() || common.printsRequest()) {
            return 0;
        }
        return desk.fetch("vmmd", wanted.name(), new Command.BlockInfo())
                                instanceof Success.BlockDevices(var list)
                        && list.size() == 1
                ? list.getFirst().sizeMiB() << 20
                : 0;
    }

    private void receive(Conversation talk, Success success, NewFile to, Wanted wanted, long size)
            throws ClientFailure, IOException {
        String what = "dump " + wanted.name();
        try (var progress = new Progress(terminal, !common.isQuiet(), what, size)) {
            progress.skip(to.length());
            try (var content = new Content(isCompressed(success), to, progress)) {
                switch (success) {
                    case Success.BlockImage _ -> pieces(talk, content);
                    case Success.BlockImageOld(_, var bytes) -> content.take(bytes.asBuffer());
                    case Success.Image(_, var bytes) -> content.take(bytes.asBuffer());
                    case Success.Unikernels(var list) ->
                            content.take(list.getFirst().value().image().asBuffer());
                    default -> throw Desk.unexpected();
                }
                content.end();
            }
        }
    }

    private static boolean isCompressed(Success success) throws ClientFailure {
        return switch (success) {
            case Success.BlockImage(var compressed) -> compressed;
            case Success.BlockImageOld(var compressed, _) -> compressed;
            case Success.Image(var compressed, _) -> compressed;
            case Success.Unikernels(var list) when list.size() == 1 -> {
                UnikernelConfig only = list.getFirst().value();
                yield only.compressed();
            }
            default -> throw Desk.unexpected();
        };
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
                "the connection closed before all had come: try again, with --resume it goes on");
    }

    /** Content that is uncompressed, if need be, and written as it comes. */
    private static final class Content implements AutoCloseable {
        private final @Nullable Inflater inflater;
        private final NewFile to;
        private final Progress progress;
        private final ByteBuffer plain = ByteBuffer.allocateDirect(PIECE_BYTES);

        Content(boolean compressed, NewFile to, Progress progress) {
            this.inflater = compressed ? new Inflater() : null;
            this.to = to;
            this.progress = progress;
        }

        void take(ByteBuffer bytes) throws IOException, ClientFailure {
            if (inflater == null) {
                progress.advance(bytes.remaining());
                to.write(bytes);
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
                    to.write(plain.flip());
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
