package vmm.vmmd.core;

import java.util.ArrayList;
import java.util.List;
import vmm.core.Name;
import vmm.daemon.Step;
import vmm.wire.Message;

/** A step in the making: the state so far, and what is to be done. One step long. */
final class Plan {
    private final List<Effect> effects = new ArrayList<>();
    private final List<Job> jobs = new ArrayList<>();
    private State state;

    Plan(State state) {
        this.state = state;
    }

    State state() {
        return state;
    }

    Plan become(State next) {
        state = next;
        return this;
    }

    Plan add(Effect effect) {
        effects.add(effect);
        return this;
    }

    Plan add(Job job) {
        jobs.add(job);
        return this;
    }

    Plan done(Client client, String what) {
        return reply(client, Message.done(client.header(), what));
    }

    Plan failed(Client client, String why) {
        return reply(client, Message.failed(client.header(), why));
    }

    Plan reply(Client client, Message message) {
        return add(new Effect.Reply(client, message, true));
    }

    /** Makes {@code record} durable; then {@code next} follows. */
    Plan persist(State.Pending next, Effect.Record record) {
        add(new Effect.Persist(state.writes().nextToken(), record));
        return become(state.with(state.writes().plus(next)));
    }

    /** Makes durable what {@code name} is now or is to be, for nobody in particular. */
    Plan rewrite(Name name) {
        return persist(
                new State.Pending.Rewrite(name),
                state.unikernel(name)
                        .<Effect.Record>map(Unikernel::kept)
                        .orElse(new Effect.Record.Forget(name)));
    }

    Plan tell(Effect.Happening what, Name name, String detail) {
        return add(new Effect.Tell(what, name.toString(), detail));
    }

    /** A refusal that those who follow hear of as well. */
    Plan refused(Client client, String why) {
        return tell(Effect.Happening.REFUSED, client.header().name(), why).failed(client, why);
    }

    Plan log(String text) {
        return add(new Effect.Log(false, text));
    }

    Plan warn(String text) {
        return add(new Effect.Log(true, text));
    }

    Step<State, Effect, Job> step() {
        return new Step<>(state, effects, jobs);
    }
}
