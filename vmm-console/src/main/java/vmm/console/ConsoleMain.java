package vmm.console;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import vmm.console.core.Consoles;
import vmm.daemon.CoreLoop;
import vmm.daemon.Listener;
import vmm.daemon.Logging;
import vmm.daemon.Options;
import vmm.daemon.Outbox;
import vmm.daemon.Stopping;
import vmm.daemon.metrics.MetricsEndpoint;

/** The program vmm-console. */
public final class ConsoleMain {
    private static final int SUBSCRIBERS_MAX = 5;

    /** What the lines of all consoles may take: 600 full rings of usual lines. */
    private static final long RINGS_BYTES_MAX = 128 * 1024 * 1024;

    /** What may wait for all subscribers. */
    private static final long OUTBOXES_BYTES_MAX = 32 * 1024 * 1024;

    private ConsoleMain() {}

    public static void main(String... arguments) throws InterruptedException {
        try {
            Options options = Options.parse("vmm-console", options(), arguments);
            Logging.configure(options.verbosity());
            run(options);
        } catch (Options.Ended ended) {
            ended.exit();
        } catch (IOException e) {
            LogManager.getLogger(ConsoleMain.class).fatal("cannot start: {}", e.getMessage());
            System.exit(1);
        }
    }

    private static List<Options.Option> options() {
        var all = new ArrayList<Options.Option>();
        all.add(
                Options.Option.of(
                        "--max-subscribers", "N", "subscribers of one console (default 5)"));
        all.addAll(MetricsEndpoint.OPTIONS);
        return all;
    }

    private static void run(Options options)
            throws IOException, InterruptedException, Options.Ended {
        Stopping stopping = Stopping.onSignal();
        Path tmp = options.tmpdir();
        int subscribersMax = (int) options.number("--max-subscribers", SUBSCRIBERS_MAX);
        var consoles = new Consoles(subscribersMax, RINGS_BYTES_MAX);
        var loop = new CoreLoop<Runnable>("vmm-console", Runnable::run);
        var figures = new ConsoleFigures();
        Path socket = tmp.resolve("util/console.sock");
        var fifos = new Fifos(tmp.resolve("fifo"), loop, consoles, figures);
        var room = new Outbox.Room(OUTBOXES_BYTES_MAX);
        try (Listener listener =
                        options.socketActivation()
                                ? Listener.activated(socket)
                                : Listener.open(socket);
                MetricsEndpoint _ = metrics(options, figures, fifos)) {
            loop.start();
            listener.start(
                    client ->
                            new ConsoleClient(client, loop, consoles, fifos, figures, room)
                                    .serve());
            LogManager.getLogger(ConsoleMain.class).info("listening on {}", socket);
            stopping.await();
        }
        loop.stop();
        stopping.finished();
    }

    private static MetricsEndpoint metrics(Options options, ConsoleFigures figures, Fifos fifos)
            throws IOException, Options.Ended {
        return MetricsEndpoint.startOwn(
                options, "vmm-console", metrics -> figures.tell(metrics, fifos));
    }
}
