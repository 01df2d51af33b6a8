package vmm.vmmd.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.pcollections.MapPSet;
import vmm.core.Name;
import vmm.core.Path;
import vmm.daemon.Step;
import vmm.wire.Command;
import vmm.wire.Message;

/** The decisions of vmmd: one input at a time. */
public final class Core {
    private static final Duration REWRITE_AFTER = Duration.ofSeconds(1);

    private Core() {}

    public static Step<State, Effect, Job> step(State state, Input input) {
        var plan = new Plan(state);
        if (!Turns.waits(plan, input)) {
            heard(plan, input);
        }
        Optional<Input> next = Turns.next(plan);
        while (next.isPresent()) {
            Input waited = next.get();
            heard(plan, input instanceof Input.Timed now ? Input.heard(waited, now.at()) : waited);
            next = Turns.next(plan);
        }
        CreateSteps.dropImages(plan);
        allStopped(plan);
        return plan.step();
    }

    /** What the disk lacks is written once more before the end. */
    private static void allStopped(Plan plan) {
        if (LifeSteps.allStopped(plan.state())) {
            rewriteUnsaved(plan);
            if (plan.state().writes().pending().isEmpty()) {
                plan.add(new Effect.AllStopped());
            }
        }
    }

    private static void heard(Plan plan, Input input) {
        switch (input) {
            case Input.Asked asked -> asked(plan, asked);
            case Input.Prepared prepared -> CreateSteps.prepared(plan, prepared);
            case Input.Launched(var name, var run, var at) ->
                    LifeSteps.launched(plan, name, run, at);
            case Input.LaunchFailed(var name, var why, var at) ->
                    LifeSteps.launchFailed(plan, name, why, at);
            case Input.Exited(var name, var pid, var how, var at) ->
                    LifeSteps.exited(plan, name, pid, how, at);
            case Input.Cleaned(var name, var at) -> LifeSteps.cleaned(plan, name, at);
            case Input.BlockDone done -> BlockSteps.done(plan, done);
            case Input.Persisted(var token, var problem, var at) ->
                    persisted(plan, token, problem, at);
            case Input.Controlled(var client, var wish) -> ControlSteps.asked(plan, client, wish);
            case Input.ControlDone(var job, var problem, var note) ->
                    ControlSteps.done(plan, job, problem, note);
            case Input.Idled(var name, var pid) -> ControlSteps.idled(plan, name, pid);
            case Input.Woken(var name) -> ControlSteps.woken(plan, name);
            case Input.Tick(var at) -> {
                LifeSteps.tick(plan, at);
                if (!plan.state().writes().retryAt().isAfter(at)) {
                    rewriteUnsaved(plan);
                }
            }
            case Input.Stop(var all, var at) -> {
                rewriteUnsaved(plan);
                LifeSteps.stop(plan, all, at);
            }
            case Input.Started started -> StartSteps.started(plan, started);
        }
    }

    /** The answer to what only asks, from any state that was true: it needs no turn. */
    public static Optional<Message> answer(State state, Client client, Command command) {
        return switch (command) {
            case Command.PolicyInfo() -> Optional.of(PolicySteps.info(state, client));
            case Command.BlockInfo() -> Optional.of(BlockSteps.info(state, client));
            case Command.UnikernelInfo(var form) ->
                    Optional.of(UnikernelSteps.info(state, client, form));
            case Command _ -> Optional.empty();
        };
    }

    private static void asked(Plan plan, Input.Asked asked) {
        Client client = asked.client();
        if (plan.state().stopping()) {
            plan.failed(client, "vmmd is stopping");
            return;
        }
        switch (asked.command()) {
            case Command.Policies policies -> PolicySteps.asked(plan, client, policies);
            case Command.Block block -> BlockSteps.asked(plan, client, block);
            case Command.Unikernel unikernel ->
                    UnikernelSteps.asked(plan, client, unikernel, asked.at());
            case Command.Console _ -> plan.failed(client, "vmmd has no consoles: ask vmm-console");
            case Command.Statistics _ ->
                    plan.failed(client, "vmmd has no statistics: ask vmm-stats");
        }
    }

    private static void persisted(Plan plan, long token, Optional<String> problem, Instant at) {
        State.Writes writes = plan.state().writes();
        State.Pending pending = writes.pending().get(token);
        if (pending == null) {
            throw new IllegalStateException("no write " + token);
        }
        plan.become(plan.state().with(writes.without(token)));
        Optional<String> why = problem.map(p -> "the state could not be saved: " + p);
        why.ifPresent(plan::warn);
        switch (pending) {
            case State.Pending.Answer answer when why.isEmpty() ->
                    plan.add(new Effect.Reply(answer.client(), answer.message(), answer.last()));
            case State.Pending.Answer answer -> {
                undo(plan, answer.undo(), at);
                plan.failed(answer.client(), why.get());
            }
            case State.Pending.Start(var name) -> {
                if (why.isPresent()) {
                    unsaved(plan, name, at);
                }
                CreateSteps.recorded(plan, name, why);
            }
            case State.Pending.Replace replace ->
                    CreateSteps.replacementRecorded(plan, replace, why, at);
            case State.Pending.Rewrite(var name) when why.isPresent() -> unsaved(plan, name, at);
            case State.Pending.Rewrite _ -> {}
        }
    }

    private static void undo(Plan plan, State.Undo undo, Instant at) {
        switch (undo) {
            case State.Undo.Nothing() -> {}
            case State.Undo.Policy(Path path, var before) -> PolicySteps.undo(plan, path, before);
            case State.Undo.Rewrite(var name) -> unsaved(plan, name, at);
        }
    }

    private static void unsaved(Plan plan, Name name, Instant at) {
        if (plan.state().stopping()) {
            plan.warn("the state on the disk of " + name + " is not what it was last");
            return;
        }
        State.Writes writes = plan.state().writes();
        plan.become(
                plan.state()
                        .with(
                                writes.withUnsaved(
                                        writes.unsaved().plus(name), at.plus(REWRITE_AFTER))));
    }

    /** What could not be saved is tried again, unless something newer is on its way. */
    private static void rewriteUnsaved(Plan plan) {
        State.Writes writes = plan.state().writes();
        MapPSet<Name> wait = writes.unsaved();
        for (Name name : writes.unsaved()) {
            if (!plan.state().isBeingRecorded(name)) {
                wait = wait.minus(name);
            }
        }
        plan.become(plan.state().with(writes.withUnsaved(wait, writes.retryAt())));
        writes.unsaved().minusAll(wait).forEach(plan::rewrite);
    }
}
