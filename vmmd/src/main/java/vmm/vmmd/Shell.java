package vmm.vmmd;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
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
import vmm.wire.Success;

/** Carries out what the core decides: effects in order, each job on a virtual thread. */
final class Shell {
    private static final Logger LOG = LogManager.getLogger(Shell.class);
    private static final int WRITES_AT_ONCE = 256;

    private final CoreLoop<Input> loop = new CoreLoop<>("vmmd", this::take);
    private final LinkedBlockingQueue<Effect.Persist> toPersist = new LinkedBlockingQueue<>();
    private final ConcurrentHashMap<Long, Client> clients = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Name, Long> pids = new ConcurrentHashMap<>();
    private final CountDownLatch allStopped = new CountDownLatch(1);
    private final Launcher launcher;
    private final ImageStore images;
    private final BlockFiles blocks;
    private final SupervisorLink supervisor;
    private final StatsPeers stats;
    private final StateLog log;
    private State state;

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

    void start() {
        loop.start();
        Thread.ofPlatform().daemon().name("vmmd state").start(this::persistAll);
    }

    void submit(Input input) {
        loop.submit(input);
    }

    /** A process of {@code name} was seen to run. */
    void knowPid(Name name, long pid) {
        pids.put(name, pid);
    }

    /** The supervisor says that the tender of {@code name} ended. */
    void ended(Name name, ExitStatus how) {
        Long pid = pids.remove(name);
        if (pid != null) {
            submit(new Input.Exited(name, pid, how, Instant.now()));
        }
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
                Optional<String> problem = append(batch);
                batch.forEach(p -> submit(new Input.Persisted(p.token(), problem)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<String> append(List<Effect.Persist> batch) {
        var records = new ArrayList<Effect.Record>();
        batch.forEach(p -> records.addAll(p.records()));
        try {
            log.append(records);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(why(e));
        }
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
        try {
            Unikernel.Run run = launcher.launch(name, spec, named, rings);
            pids.put(name, run.pid());
            submit(new Input.Launched(name, run, Instant.now()));
            endedMeanwhile(name);
        } catch (IOException e) {
            submit(new Input.LaunchFailed(name, why(e), Instant.now()));
        }
    }

    /** Its end may have been told before its start was known here. */
    private void endedMeanwhile(Name name) {
        ExitStatus how = early.remove(name);
        if (how != null) {
            ended(name, how);
        }
    }

    private final ConcurrentHashMap<Name, ExitStatus> early = new ConcurrentHashMap<>();

    /** As {@link #ended}, but remembers ends that come before the start was known. */
    void told(Name name, ExitStatus how) {
        if (!pids.containsKey(name)) {
            early.put(name, how);
        }
        if (pids.containsKey(name)) {
            early.remove(name);
            ended(name, how);
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
            if (job.command() instanceof Command.BlockRemove) {
                blocks.remove(device);
            } else {
                blocks.add(device, job.sizeMiB());
            }
        } catch (IOException e) {
            problem = Optional.of("block device " + device + ": " + why(e));
        }
        submit(new Input.BlockDone(job.client(), job.command(), job.sizeMiB(), problem));
    }

    private void send(Job.SendImage job) {
        Message answer;
        try {
            int level = (int) Math.max(0, Math.min(9, job.level()));
            answer =
                    Message.done(
                            job.client().header(),
                            new Success.Image(level > 0, images.load(job.digest(), level)));
        } catch (IOException e) {
            answer = Message.failed(job.client().header(), "get: " + why(e));
        }
        reply(job.client(), answer, true);
    }
}
