package vmm.vmmd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.core.ExitStatus;
import vmm.core.Name;
import vmm.core.UnikernelConfig;
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
import vmm.vmmd.host.Zlib;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.supervisor.DomainsResponse;

/** Carries out what the core decides: effects in order, each job on a virtual thread. */
final class Shell {
    private static final Logger LOG = LogManager.getLogger(Shell.class);
    private static final int WRITES_AT_ONCE = 256;

    private final CoreLoop<Input> loop = new CoreLoop<>("vmmd", this::take);
    private final LinkedBlockingQueue<Effect.Persist> toPersist = new LinkedBlockingQueue<>();
    private final ConcurrentHashMap<Long, Client> clients = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Name, Process> processes = new ConcurrentHashMap<>();
    private final CountDownLatch allStopped = new CountDownLatch(1);
    private final Events events = new Events(Instant.now());
    private final ConcurrentHashMap<Effect.Happening, Long> happened = new ConcurrentHashMap<>();
    private final Launcher launcher;
    private final ImageStore images;
    private final BlockFiles blocks;
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
        this.blocks = blocks;
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
        loop.stop();
    }

    void register(Client client) {
        clients.put(client.id(), client);
    }

    void forget(Client client) {
        clients.remove(client.id());
    }

    private void take(Input input) {
        var step = Core.step(state, input);
        state = step.state();
        step.effects().forEach(this::carryOut);
        step.jobs().forEach(job -> Thread.ofVirtual().start(() -> run(job)));
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

    private void reply(vmm.vmmd.core.Client to, Message message, boolean last) {
        Client client = clients.get(to.id());
        if (client != null) {
            client.reply(message, last);
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

    private static String why(IOException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    private void run(Job job) {
        switch (job) {
            case Job.Prepare(var client, var command, var before) ->
                    prepare(client, command, before);
            case Job.Launch(var name, var spec, var named, var rings) ->
                    launch(name, spec, named, rings);
            case Job.Terminate(var name) -> signal(name, false);
            case Job.Kill(var name) -> signal(name, true);
            case Job.Clean(var name) -> {
                launcher.clean(name);
                submit(new Input.Cleaned(name, Instant.now()));
            }
            case Job.Block block -> block(block);
            case Job.SendImage send -> send(send);
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

    private void signal(Name name, boolean kill) {
        try {
            if (kill) {
                supervisor.kill(name);
            } else {
                supervisor.terminate(name);
            }
        } catch (IOException e) {
            LOG.warn("cannot signal {}: {}", name, e.getMessage());
        }
    }

    private void block(Job.Block job) {
        Name device = job.client().header().name();
        Optional<String> problem = Optional.empty();
        try {
            work(job, device);
        } catch (IOException e) {
            problem = Optional.of("block device " + device + ": " + why(e));
        }
        submit(new Input.BlockDone(job.client(), job.command(), problem));
    }

    private void work(Job.Block job, Name device) throws IOException {
        long size = job.sizeMiB();
        switch (job.command()) {
            case Command.BlockAdd _ -> blocks.add(device, size, false, Zlib.Source.of(Bytes.EMPTY));
            case Command.BlockAddOld(_, var compressed, var data) ->
                    blocks.add(
                            device,
                            size,
                            compressed && data.isPresent(),
                            Zlib.Source.of(data.orElse(Bytes.EMPTY)));
            case Command.BlockRemove() -> blocks.remove(device);
            case Command.BlockSetOld(var compressed, var data) ->
                    blocks.set(device, size, compressed, Zlib.Source.of(data));
            case Command.BlockSet(var compressed) -> {
                Client client = connected(job.client());
                client.watched(() -> blocks.set(device, size, compressed, client.chunks()));
            }
            case Command.BlockDump(var level) ->
                    answerWith(job.client(), to -> dump(device, level, job.client().header(), to));
            case Command.BlockDumpOld(var level) ->
                    answerWith(
                            job.client(),
                            to -> {
                                try (Arena arena = Arena.ofShared()) {
                                    Bytes all = blocks.whole(device, level(level), arena);
                                    to.send(
                                            Message.done(
                                                    job.client().header(),
                                                    new Success.BlockImageOld(level > 0, all)));
                                }
                            });
            case Command.BlockInfo _ -> throw new IllegalArgumentException("no job: " + job);
        }
    }

    private Client connected(vmm.vmmd.core.Client client) throws IOException {
        Client connected = clients.get(client.id());
        if (connected == null) {
            throw new IOException("the client has gone");
        }
        return connected;
    }

    /** A reply that is too long for the heap, sent by its job. */
    private interface LongReply {
        /** Sends all of it; if that fails a failure follows what was sent. */
        void send(Client to) throws IOException;
    }

    private void answerWith(vmm.vmmd.core.Client client, LongReply reply) throws IOException {
        Client to = connected(client);
        to.watched(() -> reply.send(to));
        to.sent();
    }

    private void dump(Name device, long level, Header header, Client to) throws IOException {
        to.send(Message.done(header, new Success.BlockImage(level > 0)));
        blocks.dump(
                device,
                level(level),
                piece -> to.send(Message.telling(header, new Data.Chunk(Bytes.view(piece)))));
        to.send(Message.telling(header, new Data.End()));
    }

    private static int level(long asked) {
        return Math.clamp(asked, 0, 9);
    }

    private void send(Job.SendImage job) {
        Header header = job.client().header();
        Spec spec = job.spec();
        int level = level(job.command().level());
        try {
            answerWith(
                    job.client(),
                    to -> {
                        try (Arena arena = Arena.ofShared()) {
                            Bytes image = images.load(spec.digest(), level, arena);
                            to.send(Message.done(header, image(job, level > 0, image)));
                        }
                    });
        } catch (IOException e) {
            reply(job.client(), Message.failed(header, "get: " + why(e)), true);
        }
    }

    private static Success image(Job.SendImage job, boolean compressed, Bytes image) {
        if (job.command().form() != Form.Get.V1) {
            return new Success.Image(compressed, image);
        }
        Spec spec = job.spec();
        var config = new UnikernelConfig(spec.typ(), compressed, image, spec.arguments());
        return new Success.Unikernels(
                List.of(new Success.Named<>(job.client().header().name(), config)));
    }
}
