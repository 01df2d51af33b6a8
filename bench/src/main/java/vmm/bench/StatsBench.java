package vmm.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import vmm.core.Name;
import vmm.daemon.ServiceConnection;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;

/**
 * What the packaged vmm-stats costs with so many processes: CPU time of a tick, a scrape, memory.
 * Processes that sleep stand for unikernels, each with a tap of its own where root runs this; one
 * subscriber reads, another never does.
 */
public final class StatsBench {
    private static final boolean HAS_TAPS = "root".equals(System.getProperty("user.name"));
    private static final String TAPS_FIRST = "ip -batch \"$0\" && exec \"$@\"";
    private static final byte[] ANSWER = new byte[64 << 20];
    private static final int TICKS = 20;
    private static final int WARM_TICKS = 30;
    private static final int SCRAPES = 20;

    private static final double NANOS_PER_MILLI = 1e6;

    private StatsBench() {}

    public static void main(String... arguments) throws IOException, InterruptedException {
        Path program = Path.of(arguments[0]);
        System.out.println(
                "processes  tick CPU ms: least  median  pass CPU ms  scrape ms: least  median"
                        + "  CPU ms  scrape kB  resident MB");
        for (int i = 1; i < arguments.length; i++) {
            run(program, Integer.parseInt(arguments[i]));
        }
    }

    private static void run(Path program, int count) throws IOException, InterruptedException {
        Path tmp = Files.createTempDirectory("stats-bench");
        Process sleepers =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "i=0; while [ $i -lt "
                                        + count
                                        + " ]; do sleep 600 & echo $!; i=$((i+1)); done; wait")
                        .start();
        var command =
                new ArrayList<>(
                        List.of(
                                program.toString(),
                                "--tmpdir",
                                tmp.toString(),
                                "--interval",
                                "1",
                                "--metrics-listen",
                                tmp.resolve("metrics.sock").toString()));
        if (HAS_TAPS) {
            command.addAll(0, List.of("unshare", "-n", "sh", "-c", TAPS_FIRST, taps(tmp, count)));
        }
        Process stats =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(tmp.resolve("log").toFile())
                        .start();
        List<Long> pids = pids(sleepers, count);
        try {
            measure(tmp, stats.pid(), pids);
        } finally {
            stats.destroy();
            stats.waitFor();
            for (long pid : pids) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            sleepers.destroyForcibly().waitFor();
        }
    }

    /** One tap for each, in a namespace that ends with vmm-stats. */
    private static String taps(Path tmp, int count) throws IOException {
        var lines = new StringBuilder("link set lo up\n");
        for (int i = 0; i < count; i++) {
            lines.append("tuntap add vmmtap").append(i).append(" mode tap\n");
            lines.append("link set vmmtap").append(i).append(" up\n");
        }
        return Files.writeString(tmp.resolve("taps"), lines).toString();
    }

    private static List<Long> pids(Process sleepers, int count) throws IOException {
        var pids = new ArrayList<Long>();
        var lines =
                new BufferedReader(
                        new InputStreamReader(
                                sleepers.getInputStream(), StandardCharsets.US_ASCII));
        for (int i = 0; i < count; i++) {
            pids.add(Long.parseLong(String.valueOf(lines.readLine())));
        }
        return pids;
    }

    private static void measure(Path tmp, long pid, List<Long> pids)
            throws IOException, InterruptedException {
        try (var adding = connect(tmp.resolve("util/stat.sock"));
                var reading = connect(tmp.resolve("util/stat.sock"));
                var silent = connect(tmp.resolve("util/stat.sock"))) {
            var connection = new ServiceConnection(adding);
            for (int i = 0; i < pids.size(); i++) {
                connection.send(
                        Message.asking(
                                Header.of(Name.parse("tenant" + (i % 10) + ":u" + i)),
                                new Command.StatsAdd(
                                        "",
                                        pids.get(i),
                                        List.of(
                                                new Command.Tap(
                                                        "service",
                                                        HAS_TAPS ? "vmmtap" + i : "lo")))));
                connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX);
            }
            for (SocketChannel subscriber : List.of(reading, silent)) {
                new ServiceConnection(subscriber)
                        .send(Message.asking(Header.of(Name.ROOT), new Command.StatsSubscribe()));
            }
            Thread.ofVirtual().start(() -> readOn(reading));
            TimeUnit.SECONDS.sleep(WARM_TICKS);
            double[] ticks = new double[TICKS];
            for (int i = 0; i < TICKS; i++) {
                double before = cpuMillis(pid);
                TimeUnit.SECONDS.sleep(1);
                ticks[i] = cpuMillis(pid) - before;
            }
            String text = scrape(tmp);
            double[] scrapes = new double[SCRAPES];
            double[] scrapesCpu = new double[SCRAPES];
            for (int i = 0; i < SCRAPES; i++) {
                double before = cpuMillis(pid);
                long started = System.nanoTime();
                text = scrape(tmp);
                scrapes[i] = (System.nanoTime() - started) / NANOS_PER_MILLI;
                scrapesCpu[i] = cpuMillis(pid) - before;
            }
            // A second holds a tick and more than one scrape: the median has none of it.
            System.out.printf(
                    "%9d  %18.2f  %6.2f  %11.2f  %16.2f  %6.2f  %6.2f  %9d  %11.1f%n",
                    pids.size(),
                    least(ticks),
                    median(ticks),
                    value(text, "vmm_stats_pass_cpu_seconds ") * 1000,
                    least(scrapes),
                    median(scrapes),
                    median(scrapesCpu),
                    text.length() / 1024,
                    residentMb(pid));
        }
    }

    private static double least(double... values) {
        return Arrays.stream(values).min().orElseThrow();
    }

    private static double median(double... values) {
        return Arrays.stream(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
    }

    private static SocketChannel connect(Path socket) throws IOException, InterruptedException {
        while (true) {
            var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return channel;
            } catch (IOException notYet) {
                channel.close();
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    private static void readOn(SocketChannel channel) {
        var buffer = ByteBuffer.allocateDirect(1 << 16);
        try {
            while (channel.read(buffer.clear()) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException ended) {
            System.err.println("the subscriber ended: " + ended.getMessage());
        }
    }

    private static String scrape(Path tmp) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(tmp.resolve("metrics.sock")));
            channel.write(
                    ByteBuffer.wrap(
                            "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII)));
            var all = ByteBuffer.wrap(ANSWER);
            while (channel.read(all) >= 0) {
                Thread.onSpinWait();
            }
            return new String(ANSWER, 0, all.position(), StandardCharsets.UTF_8);
        }
    }

    private static double value(String text, String metric) {
        int at = text.indexOf("\n" + metric) + 1 + metric.length();
        return Double.parseDouble(text.substring(at, text.indexOf('\n', at)));
    }

    /** Of all threads, to the nanosecond: what /proc/PID/stat says is counted in 10 ms. */
    private static double cpuMillis(long pid) throws IOException {
        long nanos = 0;
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks) {
                String schedstat = Files.readString(task.resolve("schedstat"));
                nanos += Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
            }
        }
        return nanos / NANOS_PER_MILLI;
    }

    private static double residentMb(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        return 0;
    }
}
