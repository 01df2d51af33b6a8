package vmm.tls;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import vmm.core.Name;
import vmm.tls.core.Admission;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.channel.Frame;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/**
 * One admitted chain's way: its policies and its command to a daemon, and what that answers back,
 * byte by byte. Whatever fails is answered. One thread, and one that waits for the client to leave.
 */
final class Relay {
    /** How long a daemon may be silent where it owes an answer. */
    static final Duration ANSWER_MAX = Duration.ofMinutes(10);

    /** How long a client may take to read what is waiting for it. */
    static final Duration READ_MAX = Duration.ofMinutes(1);

    /** How long an image, or a block device's content, may take to come. */
    static final Duration UPLOAD_MAX = Duration.ofMinutes(10);

    /** How many images may be on their way at once. */
    static final int UPLOADS_MAX = 8;

    private static final int PIECE_BYTES = 16 << 10;
    private static final int UPLOAD_PIECE_BYTES = 64 << 10;
    private static final Semaphore UPLOADS = new Semaphore(UPLOADS_MAX);
    private final Session session;
    private final InputStream in;
    private final OutputStream out;
    private final Path sockets;
    private final Services services;
    private long sequence;

    /**
     * @param sockets the folder of the daemons' sockets
     * @param services how those are reached
     */
    Relay(Session session, InputStream in, OutputStream out, Path sockets, Services services) {
        this.session = session;
        this.in = in;
        this.out = out;
        this.sockets = sockets;
        this.services = services;
    }

    /** How daemons are reached. */
    @FunctionalInterface
    interface Services {
        ByteChannel connect(Path socket) throws IOException;
    }

    /** Why it ended early, as the client is told. */
    private static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        Failed(String why) {
            super(why);
        }
    }

    void refuse(Admission.Refused refused) throws IOException {
        answer(new Header(refused.version(), 0, refused.name()), refused.why().message());
    }

    void obey(Admission.Of admitted) throws IOException {
        try {
            if (admitted.command() instanceof Command.Create create
                    && create.config().image().isEmpty()) {
                createWithUpload(admitted, create);
            } else {
                try (ByteChannel service = connect(admitted.command())) {
                    addPolicies(admitted, service);
                    send(Message.asking(header(admitted), admitted.command()), service);
                    if (isFollowedByChunks(admitted.command())) {
                        relayChunks(service);
                    }
                    relayAnswers(admitted.command(), service);
                }
            }
        } catch (Failed e) {
            Log.LOG.warn("{}: {}", admitted.name(), e.getMessage());
            answer(
                    new Header(admitted.version(), 0, admitted.name()),
                    String.valueOf(e.getMessage()));
        }
    }

    private Header header(Admission.Of admitted) {
        return new Header(admitted.version(), sequence++, admitted.name());
    }

    private void createWithUpload(Admission.Of admitted, Command.Create create)
            throws IOException, Failed {
        session.within(UPLOAD_MAX, "the image");
        try {
            if (!UPLOADS.tryAcquire(READ_MAX.toSeconds(), TimeUnit.SECONDS)) {
                throw new Failed("too many images are being sent, try again later");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        try (Spool spool = spool();
                ByteChannel service = connect(create)) {
            addPolicies(admitted, service);
            spool.send(header(admitted), create, service);
            relayAnswers(create, service);
        } finally {
            UPLOADS.release();
        }
    }

    private Spool spool() throws IOException, Failed {
        try {
            return Spool.read(in);
        } catch (Spool.Unkept e) {
            throw new Failed(String.valueOf(e.getMessage()));
        }
    }

    private ByteChannel connect(Command command) throws Failed {
        String service = service(command);
        try {
            ByteChannel channel = services.connect(sockets.resolve(service + ".sock"));
            session.talksTo(channel);
            session.serviceWithin(ANSWER_MAX);
            return channel;
        } catch (IOException e) {
            Log.LOG.warn("cannot reach {}: {}", service, e.getMessage());
            throw new Failed("couldn't reach service " + service);
        }
    }

    private static String service(Command command) {
        return switch (command) {
            case Command.Console _ -> "console";
            case Command.Statistics _ -> "stat";
            case Command.Unikernel _, Command.Policies _, Command.Block _ -> "vmmd";
        };
    }

    /** Only vmmd knows policies; the others are asked as they are. */
    private void addPolicies(Admission.Of admitted, ByteChannel service)
            throws IOException, Failed {
        if (!service(admitted.command()).equals("vmmd") || admitted.policies().isEmpty()) {
            return;
        }
        var reader = new FrameReader(service);
        for (Admission.Delegated one : admitted.policies()) {
            var header = new Header(admitted.version(), sequence++, Name.of(one.path()));
            send(Message.asking(header, new Command.PolicyAdd(one.policy())), service);
            try (Frame frame = reader.next(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                check(one, frame);
            }
        }
    }

    private static void check(Admission.Delegated one, @Nullable Frame frame) throws Failed {
        if (frame == null) {
            throw new Failed("vmmd closed the connection while adding the policy of " + one.path());
        }
        if (!(WireCodec.decode(frame.bytes()) instanceof Decoded.Of<Message>(var reply))) {
            throw new Failed("vmmd did not answer in a known form");
        }
        switch (reply.payload()) {
            case Payload.Done _ -> {}
            case Payload.Failed(var why) ->
                    throw new Failed("policy of " + one.path() + " was refused: " + why);
            case Payload.Asked _, Payload.Told _ ->
                    throw new Failed("expected success when adding the policy of " + one.path());
        }
    }

    private static boolean isFollowedByChunks(Command command) {
        return switch (command) {
            case Command.BlockSet _, Command.BlockSetFrom _ -> true;
            case Command.BlockSetOld(_, var data) -> data.isEmpty();
            case Command.BlockAddOld(_, _, var data) -> data.isPresent() && data.get().isEmpty();
            default -> false;
        };
    }

    /** Copies chunks up to the one of length 0; a daemon that has closed says why in its answer. */
    private void relayChunks(ByteChannel service) throws IOException {
        session.within(UPLOAD_MAX, "the content");
        var from = new DataInputStream(in);
        var piece = ByteBuffer.allocate(UPLOAD_PIECE_BYTES);
        boolean wanted = true;
        int left;
        do {
            left = from.readInt();
            piece.clear().putInt(left);
            while (left > 0 || piece.position() > 0) {
                int room = Math.min(Math.max(left, 0), piece.remaining());
                int read = room == 0 ? 0 : from.read(piece.array(), piece.position(), room);
                if (read < 0) {
                    throw new IOException("the connection ended in the middle of a chunk");
                }
                piece.position(piece.position() + read);
                int before = left;
                left -= read;
                wanted = wanted && send(piece.flip(), service);
                piece.clear();
                if (before <= 0) {
                    return;
                }
            }
        } while (true);
    }

    private static void send(Message message, ByteChannel service) {
        send(FrameWriter.frame(message), service);
    }

    /** False where the daemon takes no more: what it answered says why. */
    private static boolean send(ByteBuffer bytes, ByteChannel service) {
        try {
            while (bytes.hasRemaining()) {
                service.write(bytes);
            }
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private void relayAnswers(Command command, ByteChannel service) throws IOException, Failed {
        boolean endless =
                command instanceof Command.ConsoleSubscribe
                        || command instanceof Command.StatsSubscribe;
        if (endless) {
            Thread.ofVirtual().start(() -> closeWhenClientLeaves(service));
        }
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        boolean answered = false;
        while (true) {
            if (endless && answered) {
                session.withoutDeadline();
            } else {
                session.serviceWithin(ANSWER_MAX);
            }
            int read = read(service, piece);
            if (read < 0) {
                break;
            }
            session.within(READ_MAX, "reading the answer");
            out.write(piece.array(), 0, read);
            answered = true;
        }
        session.within(READ_MAX, "the end");
        if (!answered) {
            throw new Failed(service(command) + " ended the connection without an answer");
        }
    }

    private int read(ByteChannel service, ByteBuffer piece) throws IOException {
        try {
            return service.read(piece.clear());
        } catch (IOException e) {
            if (session.isCut()) {
                throw e;
            }
            return -1;
        }
    }

    private void closeWhenClientLeaves(ByteChannel service) {
        try {
            while (in.read() >= 0) {
                // A subscriber has nothing to say.
            }
        } catch (IOException _) {
            // It left without a word.
        }
        try {
            service.close();
        } catch (IOException _) {
            // The daemon was faster.
        }
    }

    private void answer(Header header, String why) throws IOException {
        session.within(READ_MAX, "reading the answer");
        ByteBuffer frame = FrameWriter.frame(Message.failed(header, why));
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        out.write(bytes);
        out.flush();
    }

    static Optional<String> problem(Path sockets) {
        return java.nio.file.Files.isDirectory(sockets)
                ? Optional.empty()
                : Optional.of("there is no folder " + sockets + " yet: no daemon is running");
    }
}
