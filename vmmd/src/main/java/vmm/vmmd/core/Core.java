package vmm.vmmd.core;

import java.util.Optional;
import vmm.core.Path;
import vmm.daemon.Step;
import vmm.wire.Command;
import vmm.wire.Message;

/** The decisions of vmmd: one input at a time. */
public final class Core {
    private Core() {}

    public static Step<State, Effect, Job> step(State state, Input input) {
        var plan = new Plan(state);
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
            case Input.Persisted(var token, var problem) -> persisted(plan, token, problem);
            case Input.Tick(var at) -> LifeSteps.tick(plan, at);
            case Input.Stop(var all, var at) -> LifeSteps.stop(plan, all, at);
            case Input.Started started -> StartSteps.started(plan, started);
        }
        return plan.step();
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

    private static void persisted(Plan plan, long token, Optional<String> problem) {
        State.Pending answer = plan.state().pending().get(token);
        if (answer == null) {
            problem.ifPresent(why -> plan.warn("the state could not be saved: " + why));
            return;
        }
        plan.become(plan.state().withoutPending(token));
        if (problem.isEmpty()) {
            plan.add(new Effect.Reply(answer.client(), answer.message(), answer.last()));
            return;
        }
        String why = "the state could not be saved: " + problem.get();
        plan.warn(why);
        switch (answer.undo()) {
            case State.Undo.Nothing() -> {}
            case State.Undo.Policy(Path path, var before) -> PolicySteps.undo(plan, path, before);
            case State.Undo.Destroy(var name) -> LifeSteps.undoCreate(plan, name);
        }
        plan.add(
                new Effect.Reply(
                        answer.client(), Message.failed(answer.client().header(), why), true));
    }
}
