package vmm.console;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.os.Libc;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** A vmm-console in a process of its own, in a folder of its own. */
final class LiveConsole implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path home;
    private Process process;

    LiveConsole(String... options) throws IOException {
        home = Files.createTempDirectory("vmm-console");
        Files.createDirectories(home.resolve("fifo"));
        start(options);
    }

    void start(String... options) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx64m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "vmm.console.ConsoleMain",
                                "--tmpdir",
                                home.toString()));
        command.addAll(List.of(options));
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                        .start();
        await("it listens: " + logged(), this::accepts);
    }

    private boolean accepts() {
        try (var channel = connect()) {
            return channel.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private Path log() {
        return home.resolve("log");
    }

    String logged() throws IOException {
        return Files.exists(log()) ? Files.readString(log()) : "";
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it without giving it a chance. */
    void crash() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    Path fifo(Name name) {
        return home.resolve("fifo").resolve(name.toString());
    }

    /** Makes a fifo and has it read: what is written to the stream is the unikernel's output. */
    OutputStream unikernel(Name name) throws IOException {
        Files.deleteIfExists(fifo(name));
        Libc.mkfifo(fifo(name).toString(), 0600);
        Payload answer = add(Header.of(name), OptionalLong.of(10));
        if (!answer.equals(new Payload.Done(new Success.Empty()))) {
            throw new AssertionError(answer);
        }
        return writer(name);
    }

    /** Holds the fifo open as the supervisor does: no SIGPIPE, and no end while it is open. */
    OutputStream writer(Name name) throws IOException {
        var file = new RandomAccessFile(fifo(name).toFile(), "rw");
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                file.write(b);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                file.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    Payload add(Header header, OptionalLong rings) throws IOException {
        try (var peer = new Peer()) {
            return peer.ask(Message.asking(header, new Command.ConsoleAdd(rings))).payload();
        }
    }

    Peer subscribe(Name name, long count) throws IOException {
        return subscribe(
                Header.of(name),
                new Command.ConsoleSubscribe(false, new Command.History.Count(count)));
    }

    /** A subscriber that has read the answer. */
    Peer subscribe(Header header, Command.ConsoleSubscribe command) throws IOException {
        var peer = new Peer();
        peer.answer = peer.ask(Message.asking(header, command));
        return peer;
    }

    Message listInactive(Header header) throws IOException {
        try (var peer = new Peer()) {
            return peer.ask(Message.asking(header, new Command.ConsoleListInactive()));
        }
    }

    SocketChannel connect() throws IOException {
        return SocketChannel.open(
                UnixDomainSocketAddress.of(home.resolve("util").resolve("console.sock")));
    }

    static void print(OutputStream out, int from, int to) throws IOException {
        var text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append("line ").append(i).append('\n');
        }
        out.write(bytes(text.toString()));
    }

    static List<String> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line " + i).toList();
    }

    void awaitLast(Name name, String text) {
        await(
                "'" + text + "' in the ring",
                () -> {
                    try (var peer = subscribe(name, 1)) {
                        return peer.line().equals(text);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static void await(String what, BooleanSupplier condition) {
        Instant end = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("never came: " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** One connection. */
    final class Peer implements AutoCloseable {
        final SocketChannel channel = connect();
        private final FrameReader reader = new FrameReader(channel);
        Message answer = Message.failed(Header.of(Name.ROOT), "nothing was asked");

        Peer() throws IOException {}

        Message ask(Message message) throws IOException {
            new FrameWriter(channel).send(message);
            return next();
        }

        Message next() throws IOException {
            try (var frame = reader.next(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                if (frame == null) {
                    throw new AssertionError("closed; the log says: " + logged());
                }
                Bytes copy = Bytes.of(frame.bytes().toArray());
                if (WireCodec.decode(copy) instanceof Decoded.Of<Message>(var message)) {
                    return message;
                }
                throw new AssertionError("malformed: " + copy);
            }
        }

        String line() throws IOException {
            if (next().payload() instanceof Payload.Told(Data.ConsoleLine(_, _, var text))) {
                return text;
            }
            throw new AssertionError("no line");
        }

        List<String> lines(int count) throws IOException {
            var lines = new ArrayList<String>();
            while (lines.size() < count) {
                lines.add(line());
            }
            return lines;
        }

        /** Reads what still comes; returns when the console has closed. */
        void awaitClose() throws IOException {
            var ignored = ByteBuffer.allocate(65536);
            while (channel.read(ignored.clear()) >= 0) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("did not stop on SIGTERM: " + logged());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        try (Stream<Path> all = Files.walk(home)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
