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
        plan.become(plan.state().with(resources.withPolicy(Path.ROOT, found.root())));
        var running = new HashMap<Name, Unikernel.Run>();
        found.running().forEach(r -> running.put(r.name(), r.run()));
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
            Plan plan, Input.Stored stored, Optional<Unikernel.Run> run, Instant at) {
        Name name = stored.name();
        if (run.isEmpty()) {
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
        plan.become(
                plan.state()
                        .with(plan.state().resources().withClaim(name, claim))
                        .with(new Unikernel(name, stored.spec(), new Phase.Running(run.get()), 0)));
        plan.log(name + " runs on, pid " + run.get().pid() + ", taken over at " + at);
    }
}
