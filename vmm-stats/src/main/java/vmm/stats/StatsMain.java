package vmm.stats;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import vmm.daemon.Listener;
import vmm.daemon.Logging;
import vmm.daemon.Options;
import vmm.daemon.ServiceConnection;
import vmm.daemon.Stopping;
import vmm.daemon.metrics.CertificateExpiry;
import vmm.daemon.metrics.Metrics;
import vmm.daemon.metrics.MetricsEndpoint;
import vmm.os.FreeBsd;
import vmm.stats.core.Newest;
import vmm.stats.core.Sampler;
import vmm.stats.core.State;
import vmm.stats.export.InfluxLink;
import vmm.stats.freebsd.FreeBsdSampler;
import vmm.stats.freebsd.Kernel;
import vmm.stats.linux.Guard;
import vmm.stats.linux.LinuxSampler;
import vmm.stats.page.ConsoleTail;
import vmm.stats.page.History;
import vmm.stats.page.Pages;

/** The program vmm-stats. */
public final class StatsMain {
    private static final int INTERVAL_SECONDS = 10;

    /** Where Prometheus finds it if nothing else is said. */
    private static final String METRICS_DEFAULT = "127.0.0.1:9761";

    private static final int INFLUX_PORT = 8094;
    private static final double NANOS_PER_SECOND = 1e9;

    private StatsMain() {}

    public static void main(String... arguments) throws InterruptedException {
        try {
            Options options = Options.parse("vmm-stats", options(), arguments);
            Logging.configure(options.verbosity());
            run(options);
        } catch (Options.Ended ended) {
            ended.exit();
        } catch (IOException e) {
            LogManager.getLogger(StatsMain.class).fatal("cannot start: {}", e.getMessage());
            System.exit(1);
        }
    }

    private static List<Options.Option> options() {
        var all = new ArrayList<Options.Option>();
        all.add(Options.Option.of("--interval", "SECONDS", "between two looks (default 10)"));
        all.addAll(MetricsEndpoint.OPTIONS);
        all.add(
                Options.Option.of(
                        "--influx", "HOST[:PORT]", "send lines over TCP (default port 8094)"));
        all.add(Options.Option.flag("--no-drop-path", "whole names in those lines"));
        all.add(Options.Option.of("--certificates", "FILES", "by commas; tell when they expire"));
        return all;
    }

    private static void run(Options options)
            throws IOException, InterruptedException, Options.Ended {
        Stopping stopping = Stopping.onSignal();
        Optional<InfluxLink> influx = influx(options);
        Path socket = options.tmpdir().resolve("util/stat.sock");
        // First of all: who comes while the rest is made waits in it.
        try (Listener listener =
                options.socketActivation() ? Listener.activated(socket) : Listener.open(socket)) {
            serve(options, influx, listener, stopping);
        }
        stopping.finished();
    }

    private static void serve(
            Options options, Optional<InfluxLink> influx, Listener listener, Stopping stopping)
            throws IOException, InterruptedException, Options.Ended {
        var interval =
                Duration.ofSeconds(Math.max(1, options.number("--interval", INTERVAL_SECONDS)));
        Path sockets = options.tmpdir().resolve("util");
        Path vmmd = sockets.resolve("vmmd.sock");
        var history = new History();
        var exports = new ArrayList<Consumer<Newest>>(List.of(history));
        influx.ifPresent(exports::add);
        var metrics = new Metrics("vmm-stats");
        var threads = new ArrayList<Thread>();
        var supervisor = new SupervisorLink(sockets.resolve("supervisor.sock"));
        var shell = new Shell(sampler(Clock.systemUTC(), supervisor), exports, true);
        var link = new VmmdLink(vmmd, shell);
        var control = new VmmdControl(sockets.resolve("control.sock"));
        var facts = new VmmdFacts(vmmd, control);
        tellOfOurselves(metrics, shell, link, influx);
        CertificateExpiry.tell(metrics, certificates(options));
        var people =
                new Pages(
                        shell::newest,
                        facts::newest,
                        history,
                        new ConsoleTail(sockets.resolve("console.sock")),
                        interval,
                        Clock.systemUTC());
        var pages = new StatsPages(metrics, shell::newest, facts::newest, people);
        try (MetricsEndpoint _ = MetricsEndpoint.start(options, METRICS_DEFAULT, pages)) {
            shell.start(interval);
            threads.add(link.start());
            threads.add(facts.start(interval));
            influx.ifPresent(lines -> threads.add(lines.start()));
            listener.start(client -> new StatsClient(new ServiceConnection(client)).serve(shell));
            LogManager.getLogger(StatsMain.class)
                    .info("listening on {}", sockets.resolve("stat.sock"));
            stopping.await();
            threads.forEach(Thread::interrupt);
        }
        control.close();
        shell.stop();
        supervisor.close();
    }

    private static Sampler sampler(Clock clock, Guard guard) throws IOException {
        return FreeBsd.isHere()
                ? new FreeBsdSampler(Kernel.here(), clock, FreeBsd.PAGE_BYTES)
                : new LinuxSampler(clock, guard);
    }

    private static List<Path> certificates(Options options) {
        return options.value("--certificates").stream()
                .flatMap(files -> Arrays.stream(files.split(",", -1)))
                .map(Path::of)
                .toList();
    }

    private static Optional<InfluxLink> influx(Options options) throws Options.Ended {
        Optional<String> given = options.value("--influx");
        if (given.isEmpty()) {
            return Optional.empty();
        }
        String text = given.get();
        int colon = text.lastIndexOf(':');
        boolean hasPort = colon > text.lastIndexOf(']') && text.indexOf(':') == colon;
        String host = hasPort ? text.substring(0, colon) : text;
        int port = hasPort ? port(text.substring(colon + 1)) : INFLUX_PORT;
        if (host.isEmpty() || port <= 0) {
            throw Options.wrongValue("--influx", "'" + text + "' is no HOST[:PORT]");
        }
        return Optional.of(
                new InfluxLink(host, port, options.has("--no-drop-path"), Clock.systemUTC()));
    }

    private static int port(String digits) {
        return digits.matches("[0-9]{1,5}") && Integer.parseInt(digits) < 65_536
                ? Integer.parseInt(digits)
                : -1;
    }

    private static void tellOfOurselves(
            Metrics metrics, Shell shell, VmmdLink link, Optional<InfluxLink> influx) {
        metrics.gauge(
                "vmm.stats.watched",
                "Processes that are looked at.",
                () -> shell.state().watched().size());
        metrics.gauge(
                "vmm.stats.subscriptions",
                "Subscriptions of all clients.",
                () -> subscriptions(shell.state()));
        metrics.gauge(
                "vmm.stats.vmmd.connected",
                "1 while vmmd tells what runs.",
                () -> link.isConnected() ? 1 : 0);
        metrics.gauge(
                "vmm.stats.sample.age.seconds",
                "Since the newest samples were taken.",
                () -> age(shell.newest()));
        metrics.gauge(
                "vmm.stats.pass.cpu.seconds",
                "CPU time of the last look at all processes.",
                () -> shell.newest().passNanos() / NANOS_PER_SECOND);
        metrics.counted("vmm.stats.passes", "Looks at all processes.", () -> shell.newest().pass());
        metrics.counted(
                "vmm.stats.missed.ticks",
                "Ticks that came while a look was under way.",
                () -> shell.state().missed());
        metrics.counted(
                "vmm.stats.lost.samples",
                "Samples lost because a subscriber does not read.",
                StatsClient.LOST::get);
        influx.ifPresent(
                lines -> {
                    metrics.gauge(
                            "vmm.stats.influx.connected",
                            "1 while lines can be sent.",
                            () -> lines.isConnected() ? 1 : 0);
                    metrics.counted(
                            "vmm.stats.influx.lost.passes",
                            "Passes whose lines were lost.",
                            lines::lostPasses);
                });
    }

    private static double age(Newest newest) {
        return newest.pass() == 0
                ? Double.NaN
                : (System.nanoTime() - newest.takenNanos()) / NANOS_PER_SECOND;
    }

    private static int subscriptions(State state) {
        return state.listeners().values().stream().mapToInt(java.util.Set::size).sum();
    }
}
