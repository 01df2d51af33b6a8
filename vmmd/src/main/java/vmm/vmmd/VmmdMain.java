package vmm.vmmd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.ExitStatus;
import vmm.core.Name;
import vmm.daemon.Listener;
import vmm.daemon.Logging;
import vmm.daemon.Options;
import vmm.daemon.Options.Option;
import vmm.daemon.Stopping;
import vmm.daemon.http.HttpServer;
import vmm.daemon.metrics.Metrics;
import vmm.daemon.metrics.MetricsEndpoint;
import vmm.vmmd.core.Effect;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.State;
import vmm.vmmd.core.Unikernel.Run;
import vmm.vmmd.host.AlbatrossState;
import vmm.vmmd.host.BlockFiles;
import vmm.vmmd.host.Confiner;
import vmm.vmmd.host.ConsoleLink;
import vmm.vmmd.host.HostFacts;
import vmm.vmmd.host.ImageStore;
import vmm.vmmd.host.Launcher;
import vmm.vmmd.host.StateLog;
import vmm.vmmd.host.SupervisorLink;
import vmm.vmmd.host.Tenders;
import vmm.wire.channel.FrameReader;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.EventData;

/** The program vmmd. */
public final class VmmdMain {
    private static final Logger LOG = LogManager.getLogger(VmmdMain.class);
    private static final Duration TICK = Duration.ofMillis(50);
    private static final Duration SUPERVISOR_RETRY = Duration.ofMillis(200);
    private static final long GRACE_SECONDS = 10;
    static final String DB = "/var/lib/albatross";
    static final String STATE = "state.vmmd";

    private final Path tmp;
    private final Path db;
    private final Options options;
    private volatile boolean ending;

    private VmmdMain(Options options) {
        this.options = options;
        tmp = options.tmpdir();
        db = Path.of(options.value("--dbdir").orElse(DB));
    }

    public static void main(String... arguments) throws InterruptedException {
        try {
            if (arguments.length > 0 && Transfer.isMeant(arguments[0])) {
                throw Transfer.run(
                        arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length));
            }
            Options options =
                    Options.parse(
                            "vmmd",
                            List.of(
                                    Option.of("--dbdir", "DIR", "state, images, block devices"),
                                    Option.of("--supervisor", "SOCKET", "of vmm-supervisor"),
                                    Option.of("--grace", "SECONDS", "from SIGTERM to SIGKILL"),
                                    Option.of("--stop-unikernels", "yes|no", "when vmmd stops"),
                                    Option.of("--tender", "PROGRAM", "for hvt without Solo5"),
                                    Option.of("--confine", "auto|yes|no", "tenders to sandboxes"),
                                    MetricsEndpoint.LISTEN,
                                    MetricsEndpoint.TOKEN),
                            arguments);
            Logging.configure(options.verbosity());
            new VmmdMain(options).run();
        } catch (Options.Ended ended) {
            ended.exit();
        } catch (IOException e) {
            LOG.fatal("vmmd: {}", Shell.why(e));
            System.exit(1);
        }
    }

    private void run() throws IOException, InterruptedException, Options.Ended {
        Stopping stopping = Stopping.onSignal();
        long grace = options.number("--grace", GRACE_SECONDS);
        Path fifos = Files.createDirectories(tmp.resolve("fifo"));
        Files.createDirectories(db);
        Path socket = tmp.resolve("util/vmmd.sock");
        Path supervisorSocket =
                options.value("--supervisor")
                        .map(Path::of)
                        .orElse(tmp.resolve("util/supervisor.sock"));
        try (Listener control = Listener.open(tmp.resolve("util/control.sock"));
                Listener listener =
                        options.socketActivation()
                                ? Listener.activated(socket)
                                : Listener.open(socket);
                var supervisor = new SupervisorLink(supervisorSocket);
                var console = new ConsoleLink(tmp.resolve("util/console.sock"))) {
            var images = new ImageStore(db.resolve("images"));
            var blocks = new BlockFiles(db.resolve("block"));
            Path stateFile = db.resolve(STATE);
            StateLog.Content content = content(stateFile, images);
            if (!content.damaged()) {
                images.keepOnly(
                        content.unikernels().stream()
                                .map(u -> u.spec().digest())
                                .collect(Collectors.toSet()));
            }
            try (StateLog log = StateLog.start(stateFile, content)) {
                var launcher =
                        new Launcher(
                                images,
                                new Tenders(db, builtInTender()),
                                supervisor,
                                console,
                                fifos,
                                db.resolve("block"),
                                confine());
                var stats = new StatsPeers();
                var shell =
                        new Shell(
                                State.empty(Duration.ofSeconds(grace)),
                                launcher,
                                images,
                                blocks,
                                supervisor,
                                stats,
                                log);
                takeOver(shell, launcher, supervisor, console, content, blocks(db));
                Thread.ofVirtual().start(() -> follow(shell, supervisor));
                Thread.ofVirtual().start(() -> tick(shell));
                Thread.ofVirtual().start(new IdleWatch(shell));
                listener.start(client -> new Client(client).serve(shell, stats));
                control.start(server(shell));
                List<MetricsEndpoint> metrics = metrics(shell);
                LOG.info("listening on {}", socket);
                Thread.ofVirtual().start(FrameReader::prepare);
                stopping.await();
                ending = true;
                boolean all = !options.value("--stop-unikernels").orElse("yes").equals("no");
                shell.submit(new Input.Stop(all, Instant.now()));
                shell.awaitAllStopped();
                for (MetricsEndpoint endpoint : metrics) {
                    endpoint.close();
                }
            }
        }
        stopping.finished();
    }

    /** What this vmmd kept; at its first start, what albatross did. */
    private StateLog.Content content(Path own, ImageStore images) throws IOException {
        Path albatross = db.resolve("state");
        if (Files.exists(own) || !Files.exists(albatross)) {
            return StateLog.read(own);
        }
        StateLog.Content content = AlbatrossState.read(albatross, images);
        LOG.info("imported {} unikernels from {}", content.unikernels().size(), albatross);
        return content;
    }

    /** Nothing is loaded for it unless it is asked for. */
    private List<MetricsEndpoint> metrics(Shell shell) throws IOException, Options.Ended {
        if (options.value(MetricsEndpoint.LISTEN.name()).isEmpty()) {
            return List.of();
        }
        var metrics = new Metrics("vmmd");
        for (Effect.Happening what : Effect.Happening.values()) {
            metrics.counted(
                    "vmm.events",
                    "How often something happened to unikernels and policies.",
                    "event",
                    what.name().toLowerCase(Locale.ROOT),
                    () -> shell.count(what));
        }
        metrics.gauge(
                "vmm.unikernels",
                "Unikernels that vmmd keeps.",
                () -> shell.state().unikernels().size());
        metrics.gauge(
                "vmm.unikernels.waiting",
                "Unikernels that wait to be started again.",
                () -> shell.state().waiting());
        metrics.gauge(
                "vmm.unikernels.unsaved",
                "Unikernels whose record could not be written yet.",
                () -> shell.state().writes().unsaved().size());
        return List.of(MetricsEndpoint.start(options, metrics));
    }

    private static HttpServer server(Shell shell) {
        return new HttpServer(new Control(shell));
    }

    private static List<Input.Found> blocks(Path db) throws IOException {
        return HostFacts.blocks(db.resolve("block"));
    }

    private Confiner.When confine() throws Options.Ended {
        String given = options.value("--confine").orElse("auto");
        return switch (given) {
            case "auto" -> Confiner.When.WHERE_POSSIBLE;
            case "yes" -> Confiner.When.ALWAYS;
            case "no" -> Confiner.When.NEVER;
            default -> throw options.wrong("--confine is auto, yes or no, not '" + given + "'");
        };
    }

    private Optional<Path> builtInTender() {
        return options.value("--tender")
                .or(() -> Optional.ofNullable(System.getenv("VMM_TENDER")))
                .map(Path::of);
    }

    /** Asks the supervisor what runs; what nobody knows any more is stopped. */
    private void takeOver(
            Shell shell,
            Launcher launcher,
            SupervisorLink supervisor,
            ConsoleLink console,
            StateLog.Content content,
            List<Input.Found> found)
            throws IOException {
        var known = new HashSet<Name>();
        content.unikernels().forEach(u -> known.add(u.name()));
        var running = new ArrayList<Input.Running>();
        Map<Name, EventData> ended = new HashMap<>();
        for (DomainsResponse.Domain domain : domains(supervisor)) {
            Optional<DomainsResponse.Process> tender =
                    domain.processes().stream()
                            .filter(p -> p.name().equals(SupervisorLink.TENDER))
                            .findFirst();
            boolean ours =
                    Name.problem(domain.domain()).isEmpty()
                            && known.contains(Name.parse(domain.domain()));
            if (!ours && content.damaged()) {
                LOG.warn(
                        "{} runs on unmanaged: the damaged state does not name it",
                        domain.domain());
                continue;
            }
            if (!ours || tender.isEmpty()) {
                LOG.warn("putting away {}: nothing is known of it", domain.domain());
                supervisor.remove(domain.domain());
                continue;
            }
            Name name = Name.parse(domain.domain());
            DomainsResponse.Process process = tender.get();
            running.add(
                    new Input.Running(
                            name,
                            new Run(process.pid(), process.startMillis(), domain.taps(), true),
                            domain.state() == DomainsResponse.State.FROZEN));
            shell.knowPid(name, process.pid());
            launcher.know(name, process.pid());
            console.add(name, vmm.core.Policy.UNLIMITED);
            process.ended().ifPresent(how -> ended.put(name, how));
        }
        shell.start(
                new Input.Started(
                        HostFacts.rootPolicy(db.resolve("block")),
                        found,
                        content.unikernels(),
                        content.policies(),
                        running,
                        Instant.now()));
        ended.forEach((name, how) -> shell.ended(name, SupervisorLink.status(how)));
    }

    private List<DomainsResponse.Domain> domains(SupervisorLink supervisor) throws IOException {
        boolean told = false;
        while (true) {
            try {
                return supervisor.domains();
            } catch (IOException e) {
                if (ending) {
                    throw e;
                }
                if (!told) {
                    LOG.warn("waiting for vmm-supervisor: {}", e.getMessage());
                    told = true;
                }
                LockSupport.parkNanos(SUPERVISOR_RETRY.toNanos());
            }
        }
    }

    private void follow(Shell shell, SupervisorLink supervisor) {
        var listener =
                new SupervisorLink.Listener() {
                    @Override
                    public void ended(Name name, ExitStatus how) {
                        shell.ended(name, how);
                    }

                    @Override
                    public void thawed(Name name) {
                        shell.submit(new Input.Woken(name));
                    }

                    @Override
                    public void lost() {
                        try {
                            shell.reconcile();
                        } catch (IOException e) {
                            LOG.warn("ends of unikernels were missed: {}", e.getMessage());
                        }
                    }
                };
        while (!ending) {
            try {
                supervisor.follow(listener);
            } catch (IOException e) {
                LOG.warn("events of vmm-supervisor: {}", e.getMessage());
            }
            LockSupport.parkNanos(SUPERVISOR_RETRY.toNanos());
            listener.lost();
        }
    }

    private void tick(Shell shell) {
        while (true) {
            LockSupport.parkNanos(TICK.toNanos());
            shell.submit(new Input.Tick(Instant.now()));
        }
    }
}
