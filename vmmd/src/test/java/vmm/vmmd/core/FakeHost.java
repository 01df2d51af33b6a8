package vmm.vmmd.core;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import vmm.core.Bytes;
import vmm.core.ExitStatus;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.vmmd.core.Unikernel.Run;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.Command;
import vmm.wire.Message;

/** A host in memory: jobs end late, in any order, and fail as often as it is told. */
final class FakeHost {
    final Map<Name, Launched> processes = new HashMap<>();
    final Set<Name> domains = new HashSet<>();
    final Set<Name> ready = new HashSet<>();
    final Set<Name> frozen = new HashSet<>();
    final Set<Bytes> images = new HashSet<>();
    final Map<Name, Effect.Record.Put> disk = new HashMap<>();

    /** Whose last record could not be written. */
    final Set<Name> outdated = new HashSet<>();

    final Map<Path, Policy> policies = new HashMap<>();
    final Map<Long, Integer> replies = new HashMap<>();
    final Map<Long, String> refused = new HashMap<>();
    boolean allStopped;
    int failurePercent = 20;
    Instant now = Instant.ofEpochSecond(1_700_000_000);

    /** A process, and as what it was started. */
    record Launched(Run run, Spec spec) {}

    private final Random random;
    private final List<Supplier<Optional<Input>>> late = new ArrayList<>();
    private final ArrayDeque<Effect.Persist> writes = new ArrayDeque<>();
    private long pids = 100;

    FakeHost(Random random) {
        this.random = random;
    }

    boolean isIdle() {
        return late.isEmpty() && writes.isEmpty();
    }

    void take(Effect effect) {
        switch (effect) {
            case Effect.Reply(var client, var message, _) -> {
                replies.merge(client.id(), 1, Integer::sum);
                if (message.payload() instanceof Message.Payload.Failed(var why)) {
                    refused.put(client.id(), why);
                }
            }
            case Effect.Persist persist -> writes.add(persist);
            case Effect.DropImage(var digest) -> images.remove(digest);
            case Effect.AllStopped() -> allStopped = true;
            case Effect.TellStats _, Effect.Log _, Effect.Tell _ -> {}
        }
    }

    void take(Job job) {
        late.add(
                switch (job) {
                    case Job.Prepare(var client, var command, var spec) ->
                            () -> prepare(client, command, spec);
                    case Job.Ready(var name, var spec, _) -> {
                        occupy(name, spec);
                        ready.add(name);
                        yield Optional::empty;
                    }
                    case Job.Abandon(var name, var why) -> () -> Optional.of(abandon(name, why));
                    case Job.Launch(var name, var spec, var named, _) ->
                            () -> Optional.of(launch(name, spec, named));
                    case Job.Terminate(var name, var paused) ->
                            () -> fails() ? Optional.empty() : terminate(name, paused);
                    case Job.Control control -> () -> Optional.of(control(control));
                    case Job.Kill(var name) -> () -> end(name, signal(9));
                    case Job.Clean(var name) -> () -> Optional.of(clean(name));
                    case Job.Block(var client, var command, _) ->
                            () -> Optional.of(block(client, command));
                    case Job.SendImage(var client, _, _) ->
                            () -> {
                                replies.merge(client.id(), 1, Integer::sum);
                                return Optional.empty();
                            };
                });
    }

    private Optional<Input> terminate(Name name, boolean paused) {
        if (paused) {
            frozen.remove(name);
        }
        return frozen.contains(name) ? Optional.empty() : end(name, signal(15));
    }

    private boolean runs(Name name, long pid) {
        return Optional.ofNullable(processes.get(name))
                .filter(p -> p.run().pid() == pid)
                .isPresent();
    }

    private Input control(Job.Control job) {
        Optional<String> problem = runs(job.name(), job.pid()) ? why() : Optional.of("not running");
        if (problem.isEmpty()) {
            switch (job.wish()) {
                case Input.Wish.Pause _ -> frozen.add(job.name());
                case Input.Wish.Resume() -> frozen.remove(job.name());
                case Input.Wish.Limit _ -> {}
            }
        }
        return new Input.ControlDone(job, problem, "");
    }

    /** A frame comes for what is frozen. */
    Optional<Input> traffic(Name name) {
        return frozen.remove(name) ? Optional.of(new Input.Woken(name)) : Optional.empty();
    }

    Optional<Input> silence(Name name) {
        return Optional.ofNullable(processes.get(name))
                .map(process -> new Input.Idled(name, process.run().pid()));
    }

    private Input block(Client client, Command.Block command) {
        Optional<String> problem = why();
        if (command instanceof Command.BlockDump && problem.isEmpty()) {
            replies.merge(client.id(), 1, Integer::sum);
        }
        return new Input.BlockDone(client, command, problem);
    }

    /** One thing that was under way is done. */
    Optional<Input> work() {
        if (!writes.isEmpty() && (late.isEmpty() || random.nextBoolean())) {
            return Optional.of(persist(writes.remove()));
        }
        return late.isEmpty() ? Optional.empty() : late.remove(random.nextInt(late.size())).get();
    }

    private Input persist(Effect.Persist write) {
        Optional<String> problem = why();
        if (problem.isPresent()) {
            name(write.record()).ifPresent(outdated::add);
        } else {
            name(write.record()).ifPresent(outdated::remove);
            switch (write.record()) {
                case Effect.Record.Put put -> disk.put(put.name(), put);
                case Effect.Record.Forget(var name) -> disk.remove(name);
                case Effect.Record.SetPolicy(var path, var policy) -> policies.put(path, policy);
                case Effect.Record.DropPolicy(var path) -> policies.remove(path);
            }
        }
        return new Input.Persisted(write.token(), problem, now);
    }

    private static Optional<Name> name(Effect.Record change) {
        return switch (change) {
            case Effect.Record.Put put -> Optional.of(put.name());
            case Effect.Record.Forget(var name) -> Optional.of(name);
            case Effect.Record.SetPolicy _, Effect.Record.DropPolicy _ -> Optional.empty();
        };
    }

    /** A process ends by itself. */
    Optional<Input> exit() {
        return processes.isEmpty()
                ? Optional.empty()
                : end(
                        List.copyOf(processes.keySet()).get(random.nextInt(processes.size())),
                        new ExitStatus.Exited(List.of(0, 1, 2, 64).get(random.nextInt(4))));
    }

    private Optional<Input> end(Name name, ExitStatus how) {
        Optional<Launched> ended = Optional.ofNullable(processes.remove(name));
        frozen.remove(name);
        return ended.map(process -> new Input.Exited(name, process.run().pid(), how, now));
    }

    private static ExitStatus signal(int number) {
        return new ExitStatus.Signalled(number);
    }

    /** The image is on the disk some time before the core hears so. */
    private Optional<Input> prepare(Client client, Command command, Spec before) {
        Spec spec = before;
        if (command instanceof Command.Create(_, _, var config)) {
            spec = new Spec(before.typ(), config.image(), before.arguments());
            images.add(config.image());
        }
        var prepared = new Input.Prepared(client, command, spec, why(), now);
        late.add(() -> Optional.of(prepared));
        return Optional.empty();
    }

    private void occupy(Name name, Spec spec) {
        if (!domains.add(name)) {
            throw new AssertionError(name + " is made beside itself");
        }
        if (!images.contains(spec.digest())) {
            throw new AssertionError(name + " is made and its image is gone");
        }
    }

    private Input abandon(Name name, String why) {
        if (!ready.remove(name) || !domains.remove(name)) {
            throw new AssertionError(name + " is abandoned and was not made ready");
        }
        return new Input.LaunchFailed(name, why, now);
    }

    private Input launch(Name name, Spec spec, boolean named) {
        if (!ready.remove(name)) {
            occupy(name, spec);
        }
        if (fails()) {
            domains.remove(name);
            return new Input.LaunchFailed(name, "no luck", now);
        }
        var run = new Run(++pids, now.toEpochMilli(), Map.of(), named);
        processes.put(name, new Launched(run, spec));
        return new Input.Launched(name, run, now);
    }

    private Input clean(Name name) {
        if (processes.containsKey(name)) {
            throw new AssertionError(name + " is put away while it runs");
        }
        domains.remove(name);
        return new Input.Cleaned(name, now);
    }

    /** vmmd is killed: a part of what it was about to write is written, and what runs runs on. */
    Input.Started crash(Policy root, List<Input.Found> blocks) {
        for (int i = random.nextInt(writes.size() + 1); i > 0; i--) {
            persist(writes.remove());
        }
        writes.clear();
        late.clear();
        ready.clear();
        domains.retainAll(processes.keySet());
        for (Name name : outdated) {
            // Space comes first where nothing can be written: its image may be gone.
            Optional.ofNullable(disk.get(name)).ifPresent(put -> images.add(put.spec().digest()));
        }
        images.retainAll(disk.values().stream().map(put -> put.spec().digest()).toList());
        var stored = new ArrayList<Input.Stored>();
        disk.forEach((name, put) -> stored.add(new Input.Stored(name, put.spec(), put.replaces())));
        var kept = new ArrayList<Input.StoredPolicy>();
        policies.forEach((path, policy) -> kept.add(new Input.StoredPolicy(path, policy)));
        var running = new ArrayList<Input.Running>();
        processes.forEach(
                (name, process) ->
                        running.add(new Input.Running(name, process.run(), frozen.contains(name))));
        return new Input.Started(root, blocks, stored, kept, running, now);
    }

    private boolean fails() {
        return random.nextInt(100) < failurePercent;
    }

    private Optional<String> why() {
        return fails() ? Optional.of("no luck") : Optional.empty();
    }
}
