package vmm.vmmd;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.core.ExitStatus;
import vmm.core.Name;
import vmm.daemon.CoreLoop;
import vmm.vmmd.core.Core;
import vmm.vmmd.core.Effect;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.Job;
import vmm.vmmd.core.State;
import vmm.vmmd.core.Unikernel;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.vmmd.host.BlockFiles;
import vmm.vmmd.host.ImageStore;
import vmm.vmmd.host.Launcher;
import vmm.vmmd.host.StateLog;
import vmm.vmmd.host.SupervisorLink;
import vmm.wire.Command;
import vmm.wire.Message;
import vmm.wire.supervisor.DomainsResponse;

/** Carries out what the core decides: effects in order, each job on a virtual thread. */
final class Shell {
    private static final Logger LOG = LogManager.getLogger(Shell.class);
    private static final int WRITES_AT_ONCE = 256;

    /** How long replies may take to be sent after everything has stopped. */
    private static final Duration LAST_REPLIES_MAX = Duration.ofSeconds(1);

    private static final Duration LAST_REPLIES_POLL = Duration.ofMillis(1);
    private static final AtomicLong IDS = new AtomicLong();

    private final CoreLoop<Input> loop = new CoreLoop<>("vmmd", this::take);
    private final LinkedBlockingQueue<Effect.Persist> toPersist = new LinkedBlockingQueue<>();
    private final ConcurrentHashMap<Long, Asker> clients = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Name, Process> processes = new ConcurrentHashMap<>();
    private final CountDownLatch allStopped = new CountDownLatch(1);
    private final Events events = new Events(Instant.now());
    private final ConcurrentHashMap<Effect.Happening, Long> happened = new ConcurrentHashMap<>();
    private final Launcher launcher;
    private final ImageStore images;
    private final StreamJobs streams;
    private final ControlJobs controls;
    private final SupervisorLink supervisor;
    private final StatsPeers stats;
    private final StateLog log;
    private volatile State state;

    Shell(
            State state,
            Launcher launcher,
            ImageStore images,
            BlockFiles blocks,
            SupervisorLink supervisor,
            StatsPeers stats,
            StateLog log) {
        this.state = state;
        this.launcher = launcher;
        this.images = images;
        this.streams = new StreamJobs(this, images, blocks);
        this.controls = new ControlJobs(this, launcher, supervisor);
        this.supervisor = supervisor;
        this.stats = stats;
        this.log = log;
    }

    /**
     * @param started is decided before anybody can ask
     */
    void start(Input.Started started) {
        take(started);
        loop.start();
        Thread.ofPlatform().daemon().name("vmmd state").start(this::persistAll);
    }

    State state() {
        return state;
    }

    Events events() {
        return events;
    }

    /** How often {@code what} happened. */
    long count(Effect.Happening what) {
        return happened.getOrDefault(what, 0L);
    }

    void submit(Input input) {
        loop.submit(input);
    }

    /** What is known of a unikernel's process. */
    private sealed interface Process {
        /** It is being started; it may have ended before its pid is known here. */
        record Launching(Optional<ExitStatus> ended) implements Process {}

        record Running(long pid) implements Process {}
    }

    /** A process of {@code name} was seen to run. */
    void knowPid(Name name, long pid) {
        processes.put(name, new Process.Running(pid));
    }

    /** The supervisor says that the tender of {@code name} ended. */
    void ended(Name name, ExitStatus how) {
        var before = new AtomicReference<@Nullable Process>();
        processes.computeIfPresent(
                name,
                (_, process) -> {
                    before.set(process);
                    return process instanceof Process.Launching
                            ? new Process.Launching(Optional.of(how))
                            : null;
                });
        if (before.get() instanceof Process.Running(long pid)) {
            exited(name, pid, how);
        }
    }

    /** Asks what runs now: of whatever was running before and does not, the end was missed. */
    void reconcile() throws IOException {
        var before = new HashMap<>(processes);
        var there = new HashMap<String, DomainsResponse.Domain>();
        supervisor.domains().forEach(d -> there.put(d.domain(), d));
        before.forEach(
                (name, process) -> {
                    if (process instanceof Process.Running(long pid)) {
                        endOf(Optional.ofNullable(there.get(name.toString())), pid)
                                .filter(_ -> processes.remove(name, process))
                                .ifPresent(how -> exited(name, pid, how));
                    }
                });
    }

    private void exited(Name name, long pid, ExitStatus how) {
        submit(new Input.Exited(name, pid, how, Instant.now()));
    }

    private static Optional<ExitStatus> endOf(Optional<DomainsResponse.Domain> domain, long pid) {
        Optional<DomainsResponse.Process> process =
                domain.flatMap(d -> d.processes().stream().filter(p -> p.pid() == pid).findFirst());
        return process.isEmpty()
                ? Optional.of(new ExitStatus.Unknown())
                : process.get().ended().map(SupervisorLink::status);
    }

    /** The answer to what changes nothing, at once; empty where the core has to decide. */
    Optional<Message> answer(vmm.vmmd.core.Client client, Command command) {
        return Core.answer(state, client, command);
    }

    void awaitAllStopped() throws InterruptedException {
        allStopped.await();
        Instant end = Instant.now().plus(LAST_REPLIES_MAX);
        while (clients.values().stream().anyMatch(a -> a instanceof Client c && c.isAsking())
                && Instant.now().isBefore(end)) {
            LockSupport.parkNanos(LAST_REPLIES_POLL.toNanos());
        }
        loop.stop();
    }

    static long newId() {
        return IDS.incrementAndGet();
    }

    void register(Asker asker) {
        clients.put(asker.id(), asker);
    }

    void forget(Asker asker) {
        clients.remove(asker.id());
    }

    /** Who waits for a reply. */
    interface Asker {
        /** Of no other in this process. */
        long id();

        /**
         * @param last the connection is closed afterwards
         */
        void reply(Message message, boolean last);
    }

    private void take(Input input) {
        var step = Core.step(state, input);
        state = step.state();
        step.effects().forEach(this::carryOut);
        step.jobs().forEach(this::start);
    }

    private void start(Job job) {
        if (job instanceof Job.Ready(var name, var spec, var rings)) {
            launcher.announce(name, spec, rings);
        }
        Thread.ofVirtual().start(() -> run(job));
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Reply(var to, var message, var last) -> reply(to, message, last);
            case Effect.Persist persist -> toPersist.add(persist);
            // At once: a job that comes later may store the same image again.
            case Effect.DropImage(var digest) -> drop(digest);
            case Effect.TellStats(var name, var command) -> stats.tell(name, command);
            case Effect.Tell told -> {
                happened.merge(told.what(), 1L, Long::sum);
                events.add(told, Instant.now());
            }
            case Effect.Log(var warning, var text) ->
                    LOG.log(
                            warning
                                    ? org.apache.logging.log4j.Level.WARN
                                    : org.apache.logging.log4j.Level.INFO,
                            text);
            case Effect.AllStopped() -> allStopped.countDown();
        }
    }

    void reply(vmm.vmmd.core.Client to, Message message, boolean last) {
        Asker asker = clients.get(to.id());
        if (asker != null) {
            asker.reply(message, last);
        }
    }

    private void drop(Bytes digest) {
        try {
            images.drop(digest);
        } catch (IOException e) {
            LOG.warn("cannot remove the image {}: {}", digest, e.getMessage());
        }
    }

    private void persistAll() {
        try {
            while (true) {
                var batch = new ArrayList<Effect.Persist>();
                batch.add(toPersist.take());
                toPersist.drainTo(batch, WRITES_AT_ONCE);
                append(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One sync for all; if that fails each has its own, so that one cannot spoil the others. */
    private void append(List<Effect.Persist> batch) {
        try {
            log.append(batch.stream().map(Effect.Persist::record).toList());
            batch.forEach(p -> persisted(p, Optional.empty()));
        } catch (IOException e) {
            if (batch.size() == 1) {
                persisted(batch.getFirst(), Optional.of(why(e)));
            } else {
                batch.forEach(p -> append(List.of(p)));
            }
        }
    }

    private void persisted(Effect.Persist written, Optional<String> problem) {
        submit(new Input.Persisted(written.token(), problem, Instant.now()));
    }

    /** The exceptions of files may have nothing but a name as their message. */
    static String why(IOException e) {
        if (e instanceof FileSystemException of && of.getReason() == null) {
            return of.getFile()
                    + switch (of) {
                        case AccessDeniedException _ -> ": permission denied";
                        case NoSuchFileException _ -> ": no such file or folder";
                        default -> ": " + of.getClass().getSimpleName().replace("Exception", "");
                    };
        }
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    private void run(Job job) {
        switch (job) {
            case Job.Prepare(var client, var command, var before) ->
                    prepare(client, command, before);
            case Job.Ready(var name, _, _) -> launcher.makeReady(name);
            case Job.Abandon(var name, var why) -> {
                launcher.clean(name);
                submit(new Input.LaunchFailed(name, why, Instant.now()));
            }
            case Job.Launch(var name, var spec, var named, var rings) ->
                    launch(name, spec, named, rings);
            case Job.Terminate(var name, var paused) -> terminate(name, paused);
            case Job.Kill(var name) -> kill(name);
            case Job.Clean(var name) -> {
                launcher.clean(name);
                submit(new Input.Cleaned(name, Instant.now()));
            }
            case Job.Block block -> streams.block(block);
            case Job.Control control -> controls.run(control);
            case Job.SendImage send -> streams.send(send);
        }
    }

    private void prepare(vmm.vmmd.core.Client client, Command command, Spec before) {
        Spec spec = before;
        Optional<String> problem;
        try {
            if (command instanceof Command.Create(_, _, var config)) {
                Bytes digest = launcher.store(config.compressed(), config.image());
                spec = new Spec(before.typ(), digest, before.arguments());
            }
            problem = launcher.problem(spec);
        } catch (IOException e) {
            problem = Optional.of(why(e));
        }
        submit(new Input.Prepared(client, command, spec, problem, Instant.now()));
    }

    private void launch(Name name, Spec spec, boolean named, long rings) {
        processes.put(name, new Process.Launching(Optional.empty()));
        try {
            Unikernel.Run run = launcher.launch(name, spec, named, rings);
            submit(new Input.Launched(name, run, Instant.now()));
            if (processes.put(name, new Process.Running(run.pid()))
                    instanceof Process.Launching(var ended)) {
                ended.ifPresent(how -> ended(name, how));
            }
        } catch (IOException e) {
            processes.remove(name);
            submit(new Input.LaunchFailed(name, why(e), Instant.now()));
        }
    }

    private void terminate(Name name, boolean paused) {
        try {
            if (paused) {
                supervisor.thaw(name);
            }
            supervisor.terminate(name);
        } catch (IOException e) {
            LOG.warn("cannot end {}: {}", name, e.getMessage());
        }
    }

    private void kill(Name name) {
        try {
            supervisor.kill(name);
        } catch (IOException e) {
            LOG.warn("cannot kill {}: {}", name, e.getMessage());
        }
    }

    /** The connection of {@code client}, for a stream. */
    Client connected(vmm.vmmd.core.Client client) throws IOException {
        if (!(clients.get(client.id()) instanceof Client connected)) {
            throw new IOException("the client has gone");
        }
        return connected;
    }
}
