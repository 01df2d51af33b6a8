package vmm.vmmd.core;

import java.util.ArrayList;
import java.util.List;
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

    /** Makes {@code records} durable, then answers. */
    Plan persist(State.Pending answer, Effect.Record... records) {
        add(new Effect.Persist(state.nextToken(), List.of(records)));
        return become(state.withPending(answer));
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
