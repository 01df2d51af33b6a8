package vmm.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.daemon.Baton;
import vmm.daemon.Listener;
import vmm.daemon.Logging;
import vmm.daemon.Options;
import vmm.daemon.Stopping;
import vmm.daemon.http.HttpServer;
import vmm.daemon.metrics.MetricsEndpoint;
import vmm.os.Cgroups;

/** The daemon vmm-supervisor: parent of every tender. */
public final class SupervisorMain {
    private static final Duration STOP_MAX = Duration.ofSeconds(10);
    private static final long STACK_BYTES = 256 << 10;

    /** Of the kernel: a virtual thread is woken by way of two others. */
    static final Executor THREADS =
            call -> Thread.ofPlatform().daemon().name("call").stackSize(STACK_BYTES).start(call);

    private SupervisorMain() {}

    public static void main(String... arguments) throws InterruptedException {
        try {
            Options options =
                    Options.parse(
                            "vmm-supervisor",
                            List.of(
                                    Options.Option.flag(
                                            "--leave-running", "stop nothing on SIGTERM"),
                                    MetricsEndpoint.LISTEN,
                                    MetricsEndpoint.TOKEN),
                            arguments);
            Logging.configure(options.verbosity());
            run(options);
        } catch (Options.Ended e) {
            e.exit();
        } catch (IOException | ExecutionException e) {
            LogManager.getLogger(SupervisorMain.class).fatal("{}", e.getMessage());
            System.exit(1);
        }
    }

    private static void run(Options options)
            throws IOException, InterruptedException, ExecutionException, Options.Ended {
        Logger log = LogManager.getLogger(SupervisorMain.class);
        Stopping stopping = Stopping.onSignal();
        Path socket = options.tmpdir().resolve("util/supervisor.sock");
        Path folder = options.tmpdir().resolve("supervisor");
        String bootId = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        long uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        var clock = Clock.systemUTC();
        var baton = new Baton("supervisor");
        try (Listener listener =
                        options.socketActivation()
                                ? Listener.activated(socket)
                                : Listener.open(socket);
                MetricsEndpoint _ = MetricsEndpoint.startOwn(options, "vmm-supervisor", _ -> {});
                Host host =
                        new LinuxHost(Cgroups.open(groupName(options.tmpdir())), folder, clock)) {
            var records = new Records(folder);
            var work = new Work(Thread::startVirtualThread, baton::submit);
            var supervisor =
                    new Supervisor(
                            host, new Events(clock), new Logs(clock), clock, bootId, work, records);
            var adoption = new Adoption(host, records.load(bootId));
            baton.submit(() -> supervisor.adopt(adoption));
            Api.Core core = new Submitting(baton, supervisor);
            baton.start();
            try (var server = new HttpServer(new Api(core, clock, uid))) {
                listener.start(server, HttpServer.CONNECTIONS_MAX, THREADS);
                log.info("listening on {}", socket);
                stopping.await();
                if (!options.has("--leave-running")) {
                    stopAll(core, log);
                }
            }
            baton.stop();
        }
        stopping.finished();
    }

    /** Supervisors with sockets of their own have control groups of their own. */
    private static String groupName(Path tmpdir) {
        String place = tmpdir.toAbsolutePath().normalize().toString();
        return place.equals("/run/albatross")
                ? "vmm"
                : "vmm-" + Integer.toHexString(place.hashCode());
    }

    private record Submitting(Baton baton, Supervisor supervisor) implements Api.Core {
        @Override
        public <T> CompletableFuture<T> ask(Function<Supervisor, T> question) {
            var answer = new CompletableFuture<T>();
            baton.submit(() -> answer.complete(question.apply(supervisor)));
            return answer;
        }
    }

    private static void stopAll(Api.Core core, Logger log)
            throws InterruptedException, ExecutionException {
        List<Turns.Pending> stops = core.ask(s -> s.names().stream().map(s::stop).toList()).get();
        try {
            CompletableFuture.allOf(
                            stops.stream()
                                    .map(Turns.Pending::outcome)
                                    .toArray(CompletableFuture[]::new))
                    .get(STOP_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            log.error("some processes did not end in {} s", STOP_MAX.toSeconds());
        }
    }
}
