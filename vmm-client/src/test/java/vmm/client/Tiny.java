package vmm.client;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** A server that reads one command a connection, notes it, and does what the test says. */
final class Tiny implements Closeable {
    /** What to do after a command was read. */
    interface Answer {
        void to(Message command, FrameWriter writer) throws IOException;
    }

    final Path socket;
    final BlockingQueue<Message> asked = new LinkedBlockingQueue<>();

    /** What followed a command as a stream. */
    final BlockingQueue<Bytes> streamed = new LinkedBlockingQueue<>();

    private final ServerSocketChannel server;
    private final Thread serving;

    Tiny(Path folder, Answer answer) throws IOException {
        socket = folder.resolve("tiny.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        serving = Thread.ofVirtual().start(() -> serve(answer));
    }

    private void serve(Answer answer) {
        try {
            while (true) {
                try (SocketChannel peer = server.accept()) {
                    var reader = new FrameReader(peer);
                    Message command = read(reader);
                    if (command != null) {
                        asked.add(command);
                        if (command.payload() instanceof Message.Payload.Asked(var what)) {
                            stream(what, reader).ifPresent(streamed::add);
                        }
                        answer.to(command, new FrameWriter(peer));
                    }
                }
            }
        } catch (java.nio.channels.ClosedChannelException closed) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Bytes> stream(Command command, FrameReader reader) throws IOException {
        return switch (command) {
            case Command.BlockSet(var compressed) -> Optional.of(stream(compressed, reader));
            case Command.BlockSetFrom(var compressed, _) -> Optional.of(stream(compressed, reader));
            default -> Optional.empty();
        };
    }

    /** Refuses chunks that albatross would not take whole. */
    private static Bytes stream(boolean compressed, FrameReader reader) throws IOException {
        int bytesMax = compressed ? FrameWriter.COMPRESSED_CHUNK_BYTES_MAX : 1 << 20;
        var all = new ByteArrayOutputStream();
        for (var piece = reader.nextPiece(bytesMax); piece != null; ) {
            byte[] copy = new byte[piece.remaining()];
            piece.get(copy);
            all.write(copy);
            piece = reader.nextPiece(bytesMax);
        }
        return Bytes.of(all.toByteArray());
    }

    private static @Nullable Message read(FrameReader reader) throws IOException {
        try (var frame = reader.next(Conversation.FRAME_BYTES_MAX)) {
            if (frame == null) {
                return null;
            }
            Bytes copy = Bytes.of(frame.bytes().toArray());
            return WireCodec.decode(copy) instanceof Decoded.Of<Message>(var message)
                    ? message
                    : null;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            serving.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** A server that answers with half a frame, and dies. */
    static ServerSocketChannel half(Path socket) throws IOException {
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> halves(server));
        return server;
    }

    private static void halves(ServerSocketChannel server) {
        boolean more = true;
        while (more) {
            try (SocketChannel peer = server.accept()) {
                if (read(new FrameReader(peer)) != null) {
                    peer.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 40, 0x30, 38, 0x30}));
                }
            } catch (IOException _) {
                more = server.isOpen();
            }
        }
    }

    /** The smallest image that needs no device. */
    static byte[] image() {
        var bytes = ByteBuffer.allocate(0x2000).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1);
        bytes.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1);
        bytes.putLong(24, 0x100010).putLong(32, 64);
        bytes.putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 3);
        header(bytes, 64, 1, 0x1000, 0x100000, 0x800);
        header(bytes, 120, 4, 512, 0, 36);
        header(bytes, 176, 4, 1024, 0, 136);
        note(bytes, 512, 0x31494241, 16).putInt(532, 1).putInt(536, 2);
        note(bytes, 1024, 0x3154464d, 116).putInt(1048, 1).putInt(1052, 1);
        return bytes.putInt(1056 + 68, 0x40000000).array();
    }

    private static void header(
            ByteBuffer bytes, int at, int type, long offset, long address, long length) {
        bytes.putInt(at, type).putInt(at + 4, 5).putLong(at + 8, offset);
        bytes.putLong(at + 16, address).putLong(at + 24, address);
        bytes.putLong(at + 32, length).putLong(at + 40, length).putLong(at + 48, 0x1000);
    }

    private static ByteBuffer note(ByteBuffer bytes, int at, int type, int size) {
        bytes.putInt(at, 6).putInt(at + 4, size).putInt(at + 8, type);
        return bytes.put(at + 12, "Solo5".getBytes(StandardCharsets.US_ASCII));
    }
}
