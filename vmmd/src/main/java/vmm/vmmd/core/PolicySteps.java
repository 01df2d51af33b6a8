package vmm.vmmd.core;

import java.util.ArrayList;
import java.util.Optional;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.core.Resources;
import vmm.wire.Command;
import vmm.wire.Message;
import vmm.wire.Success;

/** {@code policy add, remove, info} (BEHAVIOUR 5). */
final class PolicySteps {
    private PolicySteps() {}

    static void asked(Plan plan, Client client, Command.Policies command) {
        Name name = client.header().name();
        switch (command) {
            case Command.PolicyInfo() -> plan.reply(client, info(plan.state(), client));
            case Command.PolicyAdd(var policy) -> add(plan, client, name, policy);
            case Command.PolicyRemove() -> remove(plan, client, name);
        }
    }

    static Message info(State state, Client client) {
        Path path = below(client.header().name());
        var found = new ArrayList<Success.Named<Policy>>();
        state.resources()
                .policiesBelow(path)
                .forEach(
                        (at, policy) ->
                                found.add(
                                        new Success.Named<>(Name.of(at.relativeTo(path)), policy)));
        return Message.done(client.header(), new Success.Policies(found));
    }

    /** A label in a policy's name is one more element of the path. */
    private static Path below(Name name) {
        return new Path(name.labels());
    }

    private static void add(Plan plan, Client client, Name name, Policy policy) {
        if (!name.isPath()) {
            plan.failed(client, "a policy is for a path: write '" + name + ":'");
            return;
        }
        Path path = name.path();
        Resources resources = plan.state().resources();
        switch (resources.addPolicy(path, policy)) {
            case Resources.PolicyChange.Unchanged() ->
                    plan.add(
                            new Effect.Reply(
                                    client,
                                    Message.done(client.header(), "no modification of policy"),
                                    false));
            case Resources.PolicyChange.Refused(var why) -> plan.refused(client, why);
            case Resources.PolicyChange.Added(var next) -> {
                var undo = new State.Undo.Policy(path, resources.policy(path));
                plan.tell(Effect.Happening.POLICY_CHANGED, name, policy.summary());
                plan.become(plan.state().with(next))
                        .persist(
                                new State.Pending.Answer(
                                        client,
                                        Message.done(client.header(), "added policy"),
                                        false,
                                        undo),
                                new Effect.Record.SetPolicy(path, policy));
            }
        }
    }

    private static void remove(Plan plan, Client client, Name name) {
        Path path = below(name);
        if (path.isRoot()) {
            plan.failed(client, "the root policy is what the host has: it cannot be removed");
            return;
        }
        Resources resources = plan.state().resources();
        Optional<Resources> next = resources.removePolicy(path);
        if (next.isEmpty()) {
            plan.failed(client, "unknown policy");
            return;
        }
        var undo = new State.Undo.Policy(path, resources.policy(path));
        plan.tell(Effect.Happening.POLICY_CHANGED, Name.of(path), "removed");
        plan.become(plan.state().with(next.get()))
                .persist(
                        new State.Pending.Answer(
                                client,
                                Message.done(client.header(), "removed policy"),
                                true,
                                undo),
                        new Effect.Record.DropPolicy(path));
    }

    static void undo(Plan plan, Path path, Optional<Policy> before) {
        Resources resources = plan.state().resources();
        plan.become(
                plan.state()
                        .with(
                                before.map(p -> resources.withPolicy(path, p))
                                        .or(() -> resources.removePolicy(path))
                                        .orElse(resources)));
    }
}
