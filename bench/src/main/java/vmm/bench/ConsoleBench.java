package vmm.bench;

import java.io.FileOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.OptionalLong;
import vmm.core.Name;
import vmm.os.Libc;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/**
 * Lines through a vmm-console that runs already: {@code ConsoleBench TMPDIR LINES}. The producer
 * writes one line of 80 bytes a call, as a tender does.
 */
public final class ConsoleBench {
    private static final int LINE_BYTES = 80;
    private static final Duration DRAIN_MAX = Duration.ofSeconds(60);
    private static final String LAST = "the last line";

    private final Path tmp;
    private final long lines;
    private int runs;
    private double ceiling;

    private ConsoleBench(Path tmp, long lines) {
        this.tmp = tmp;
        this.lines = lines;
    }

    /**
     * Runs all measurements.
     *
     * @param arguments the console's folder, and how many lines to send
     */
    public static void main(String... arguments) throws Exception {
        var bench = new ConsoleBench(Path.of(arguments[0]), Long.parseLong(arguments[1]));
        for (int round = 0; round < 2; round++) {
            bench.ceiling();
            for (int subscribers : new int[] {0, 1, 5}) {
                bench.measure(subscribers, 0);
            }
            bench.measure(0, 1);
            bench.measure(1, 1);
        }
    }

    @SuppressWarnings("SystemOut")
    private static void say(String form, Object... values) {
        System.out.printf(form + "%n", values);
    }

    /** What the fifo itself can do: a reader that throws away. */
    private void ceiling() throws Exception {
        Path fifo = Files.createTempDirectory("vmm-bench").resolve("fifo");
        Libc.mkfifo(fifo.toString(), 0600);
        Process cat =
                new ProcessBuilder("dd", "bs=64k", "if=" + fifo, "of=/dev/null")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        double seconds = produce(fifo);
        cat.waitFor();
        Files.delete(fifo);
        Files.delete(fifo.getParent());
        ceiling = lines / seconds;
        say("fifo alone: %,.0f lines a second", ceiling);
    }

    private void measure(int subscribers, int neverReading) throws Exception {
        Name name = Name.parse("bench" + runs++);
        Path fifo = tmp.resolve("fifo").resolve(name.toString());
        Files.createDirectories(fifo.getParent());
        Libc.mkfifo(fifo.toString(), 0600);
        var silent = new ArrayList<SocketChannel>();
        var readers = new ArrayList<Reader>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < neverReading; i++) {
            silent.add(subscribe(name));
        }
        for (int i = 0; i < subscribers; i++) {
            var reader = new Reader(subscribe(name));
            readers.add(reader);
            threads.add(Thread.ofPlatform().start(reader));
        }
        add(name);
        long start = System.nanoTime();
        double produced = produce(fifo);
        awaitLast(name);
        for (Thread thread : threads) {
            if (!thread.join(DRAIN_MAX)) {
                throw new IOException("a subscriber did not get the last line");
            }
        }
        double all = (System.nanoTime() - start) / 1e9;
        long got = readers.stream().mapToLong(r -> r.lines).min().orElse(lines);
        say(
                "%d subscribers, %d that never read: produced %,.0f lines a second (%.2f of the fifo"
                        + " alone); to the end %,.0f, of %,d lines each subscriber got at least %,d",
                subscribers,
                neverReading,
                lines / produced,
                lines / produced / ceiling,
                lines / all,
                lines,
                got);
        for (SocketChannel channel : silent) {
            channel.close();
        }
        Files.delete(fifo);
    }

    /** Returns the seconds it took. */
    private double produce(Path fifo) throws IOException {
        byte[] line = "x".repeat(LINE_BYTES - 1).concat("\n").getBytes(StandardCharsets.US_ASCII);
        byte[] last = LAST.concat("\n").getBytes(StandardCharsets.US_ASCII);
        try (var out = new FileOutputStream(fifo.toFile())) {
            long start = System.nanoTime();
            for (long i = 1; i < lines; i++) {
                out.write(line);
            }
            out.write(last);
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(tmp.resolve("util/console.sock")));
    }

    private void add(Name name) throws IOException {
        try (var channel = connect()) {
            new FrameWriter(channel)
                    .send(
                            Message.asking(
                                    Header.of(name), new Command.ConsoleAdd(OptionalLong.of(100))));
            next(new FrameReader(channel));
        }
    }

    private SocketChannel subscribe(Name name) throws IOException {
        SocketChannel channel = connect();
        new FrameWriter(channel)
                .send(
                        Message.asking(
                                Header.of(name),
                                new Command.ConsoleSubscribe(false, new Command.History.Count(1))));
        return channel;
    }

    private static Message next(FrameReader reader) throws IOException {
        try (var frame = reader.next(FrameReader.SMALL_FRAME_BYTES_MAX)) {
            if (frame == null
                    || !(WireCodec.decode(frame.bytes())
                            instanceof Decoded.Of<Message>(var message))) {
                throw new IOException("no answer");
            }
            return message;
        }
    }

    /** Asks until the ring has the last line. */
    private void awaitLast(Name name) throws IOException {
        while (true) {
            try (var channel = subscribe(name)) {
                var reader = new FrameReader(channel);
                next(reader);
                if (next(reader).payload()
                        instanceof Message.Payload.Told(Data.ConsoleLine(_, _, var text))) {
                    if (text.equals(LAST)) {
                        return;
                    }
                }
            }
        }
    }

    /** A subscriber that only counts, so that the console's work is what is measured. */
    private static final class Reader implements Runnable {
        private final SocketChannel channel;
        private long lines;

        Reader(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void run() {
            byte[] last = LAST.getBytes(StandardCharsets.US_ASCII);
            var in = ByteBuffer.allocateDirect(256 * 1024);
            try (channel) {
                long frames = 0;
                while (channel.read(in) >= 0) {
                    in.flip();
                    while (in.remaining() >= 4 && in.remaining() >= 4 + in.getInt(in.position())) {
                        int end = in.position() + 4 + in.getInt(in.position());
                        frames++;
                        if (ends(in, end, last)) {
                            lines = frames - 1;
                            return;
                        }
                        in.position(end);
                    }
                    in.compact();
                }
                lines = frames - 1;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private static boolean ends(ByteBuffer in, int end, byte[] text) {
            if (in.get(end - 1) == 'x') {
                return false;
            }
            for (int i = 0; i < text.length; i++) {
                if (in.get(end - text.length + i) != text[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
