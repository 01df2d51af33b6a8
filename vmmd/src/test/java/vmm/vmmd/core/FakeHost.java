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
import vmm.vmmd.core.Unikernel.Run;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.Command;
import vmm.wire.Message;

/** A host in memory: jobs end late, in any order, and fail as often as it is told. */
final class FakeHost {
    final Map<Name, Long> processes = new HashMap<>();
    final Set<Name> domains = new HashSet<>();
    final Set<Name> ready = new HashSet<>();
    final Set<Name> frozen = new HashSet<>();
    final Set<Bytes> images = new HashSet<>();
    final Map<Name, Spec> disk = new HashMap<>();
    final Map<Long, Integer> replies = new HashMap<>();
    final Map<Long, String> refused = new HashMap<>();
    boolean allStopped;
    int failurePercent = 20;
    Instant now = Instant.ofEpochSecond(1_700_000_000);

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

    private Input control(Job.Control job) {
        Optional<String> problem =
                processes.getOrDefault(job.name(), 0L) == job.pid()
                        ? why()
                        : Optional.of("not running");
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
        return Optional.ofNullable(processes.get(name)).map(pid -> new Input.Idled(name, pid));
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
        if (problem.isEmpty()) {
            switch (write.record()) {
                case Effect.Record.Put(var name, var spec) -> disk.put(name, spec);
                case Effect.Record.Forget(var name) -> disk.remove(name);
                case Effect.Record.SetPolicy _, Effect.Record.DropPolicy _ -> {}
            }
        }
        return new Input.Persisted(write.token(), problem, now);
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
        Long pid = processes.remove(name);
        frozen.remove(name);
        return pid == null ? Optional.empty() : Optional.of(new Input.Exited(name, pid, how, now));
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
        processes.put(name, ++pids);
        return new Input.Launched(name, new Run(pids, now.toEpochMilli(), Map.of(), named), now);
    }

    private Input clean(Name name) {
        if (processes.containsKey(name)) {
            throw new AssertionError(name + " is put away while it runs");
        }
        domains.remove(name);
        return new Input.Cleaned(name, now);
    }

    private boolean fails() {
        return random.nextInt(100) < failurePercent;
    }

    private Optional<String> why() {
        return fails() ? Optional.of("no luck") : Optional.empty();
    }
}
