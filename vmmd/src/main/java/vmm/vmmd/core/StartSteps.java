package vmm.vmmd.core;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Optional;
import vmm.core.Claim;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Resources;
import vmm.vmmd.core.Unikernel.Phase;

/** The first step: what was kept, what runs, and what should run (BEHAVIOUR 9). */
final class StartSteps {
    private StartSteps() {}

    static void started(Plan plan, Input.Started found) {
        Resources resources = Resources.EMPTY;
        for (Input.Found block : found.blocks()) {
            resources = resources.withBlock(block.device(), block.sizeMiB());
        }
        for (Input.StoredPolicy stored : found.policies()) {
            resources = resources.withPolicy(stored.path(), stored.policy());
        }
        resources
                .policy(Path.ROOT)
                .filter(kept -> !kept.equals(found.root()))
                .ifPresent(
                        kept ->
                                plan.warn(
                                        "the host has "
                                                + found.root().summary()
                                                + "; the policy of : was "
                                                + kept.summary()));
        plan.become(plan.state().with(resources.withPolicy(Path.ROOT, found.root())));
        var running = new HashMap<Name, Input.Running>();
        found.running().forEach(r -> running.put(r.name(), r));
        found.stored().stream()
                .sorted(Comparator.comparingLong(s -> s.spec().arguments().startupOrDefault()))
                .forEach(
                        s ->
                                bringBack(
                                        plan,
                                        s,
                                        Optional.ofNullable(running.get(s.name())),
                                        found.at()));
    }

    private static void bringBack(
            Plan plan, Input.Stored stored, Optional<Input.Running> running, Instant at) {
        Name name = stored.name();
        if (running.isEmpty()) {
            var starting =
                    new Phase.Starting(
                            Optional.empty(), CreateSteps.CREATED, Optional.empty(), false);
            CreateSteps.start(
                    plan,
                    new Unikernel(name, stored.spec(), starting, 0),
                    stored.spec().arguments().addName(),
                    at);
            return;
        }
        Claim claim = Claim.of(stored.spec().arguments());
        Unikernel.Run found = running.get().run();
        // Whether it was given --name is not kept; at worst one start more tells.
        var taken =
                new Unikernel.Run(
                        found.pid(),
                        found.startMillis(),
                        found.taps(),
                        stored.spec().arguments().addName());
        Phase phase = running.get().paused() ? new Phase.Paused(taken) : new Phase.Running(taken);
        var u = new Unikernel(name, stored.spec(), phase, 0);
        plan.become(plan.state().with(plan.state().resources().withClaim(name, claim)).with(u));
        if (stored.replaces().filter(taken.id()::equals).isPresent()) {
            plan.log(name + ", pid " + taken.pid() + ", was just being replaced: it is ended");
            LifeSteps.end(plan, u, taken, new Unikernel.Next.StartAgain(taken.named()), at);
        } else {
            plan.log(name + " runs on, pid " + taken.pid() + ", taken over at " + at);
        }
    }
}
