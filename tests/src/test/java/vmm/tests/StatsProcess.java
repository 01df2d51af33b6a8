package vmm.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.daemon.ServiceConnection;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;

/** A packaged vmm-stats of its own, looking once a second, in the folder of a suite. */
final class StatsProcess implements AutoCloseable {
    private static final Path PROGRAM = House.ROOT.resolve("dist/bin/vmm-stats");

    private final Process process;
    private final Path tmp;
    private final Path log;

    private StatsProcess(Process process, Path tmp, Path log) {
        this.process = process;
        this.tmp = tmp;
        this.log = log;
    }

    /**
     * What takes every right of root away, and so makes tenders other people's processes, as they
     * are for the package's vmm-stats.
     */
    static List<String> withoutRights() {
        return System.getProperty("user.name").equals("root")
                ? List.of("setpriv", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs")
                : List.of();
    }

    static boolean isPackaged() {
        return Files.isExecutable(PROGRAM);
    }

    /**
     * @param prefix what it is started through
     */
    static StatsProcess start(Path tmp, List<String> prefix, String... options) throws IOException {
        Files.createDirectories(tmp);
        var command = new ArrayList<>(prefix);
        command.addAll(
                List.of(
                        PROGRAM.toString(),
                        "--tmpdir",
                        tmp.toString(),
                        "--interval",
                        "1",
                        "--metrics-listen",
                        tmp.resolve("stats-metrics.sock") + ",127.0.0.1:0"));
        command.addAll(List.of(options));
        Path log = tmp.resolve("vmm-stats.log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        var stats = new StatsProcess(process, tmp, log);
        try {
            Suite.await("vmm-stats listens", stats::listens);
            return stats;
        } catch (AssertionError e) {
            process.destroyForcibly();
            throw new AssertionError(stats.said(), e);
        }
    }

    private boolean listens() {
        return Suite.accepts(socket()) && Suite.accepts(metrics());
    }

    private Path metrics() {
        return tmp.resolve("stats-metrics.sock");
    }

    Path socket() {
        return tmp.resolve("util/stat.sock");
    }

    long pid() {
        return process.pid();
    }

    String said() {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port that it says it tells metrics on. */
    int port() {
        Suite.await("it says its port", () -> said().contains("http://127.0.0.1:"));
        String said = said();
        int at = said.lastIndexOf("http://127.0.0.1:") + "http://127.0.0.1:".length();
        return Integer.parseInt(said.substring(at, said.indexOf('/', at)));
    }

    /** The answer to a GET, its header with it. */
    String get(String path, String... headers) {
        return get(metrics(), path, headers);
    }

    static String get(Path socket, String path, String... headers) {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            String request =
                    "GET "
                            + path
                            // Nothing but the body after the header, so no chunks.
                            + " HTTP/1.0\r\nHost: localhost\r\n"
                            + String.join("", headers)
                            + "\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            var all = ByteBuffer.allocate(16 << 20);
            while (channel.read(all) >= 0) {
                Thread.onSpinWait();
            }
            return new String(all.array(), 0, all.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A metric's value, named with its labels as it is written; empty if it is not told. */
    Optional<Double> metric(String named) {
        return get("/metrics")
                .lines()
                .filter(line -> line.startsWith(named + " "))
                .map(line -> Double.parseDouble(line.substring(named.length() + 1)))
                .findFirst();
    }

    /** Someone who subscribed. */
    static final class Subscriber implements AutoCloseable {
        private final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        private final ServiceConnection connection;

        Subscriber(Path socket, String name) throws IOException {
            channel.connect(UnixDomainSocketAddress.of(socket));
            connection = new ServiceConnection(channel);
            if (!(ask(name, new Command.StatsSubscribe())
                            instanceof Message.Payload.Done(Success.Text(var text))
                    && text.equals("subscribed"))) {
                throw new AssertionError("not subscribed to " + name);
            }
        }

        private Message.Payload ask(String name, Command command) throws IOException {
            connection.send(Message.asking(Header.of(Name.parse(name)), command));
            return receive().payload();
        }

        private Message receive() throws IOException {
            try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                if (received == null) {
                    throw new AssertionError("the connection ended");
                }
                return received.message();
            }
        }

        /** A sample and the name it came by. */
        record Heard(String name, Sample sample) {}

        /** Waits for the next sample. */
        Heard next() throws IOException {
            Message message = receive();
            if (message.payload() instanceof Message.Payload.Told(Data.Statistics(var sample))) {
                return new Heard(message.header().name().toString(), sample);
            }
            throw new AssertionError("no sample: " + message);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    Subscriber subscribe(String name) throws IOException {
        return new Subscriber(socket(), name);
    }

    /** Tells of processes as vmmd does. */
    void add(List<String> names, long pid, Command.Tap... taps) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket()));
            var connection = new ServiceConnection(channel);
            for (String name : names) {
                connection.send(
                        Message.asking(
                                Header.of(Name.parse(name)),
                                new Command.StatsAdd("", pid, List.of(taps))));
                try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                    if (received == null) {
                        throw new AssertionError("no answer to add");
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("vmm-stats did not stop on SIGTERM: " + said());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
