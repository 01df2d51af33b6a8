package vmm.vmmd.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import vmm.core.ExitStatus;
import vmm.core.Name;
import vmm.core.RestartRule;
import vmm.vmmd.core.Unikernel.Next;
import vmm.vmmd.core.Unikernel.Phase;
import vmm.vmmd.core.Unikernel.Run;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.Command;
import vmm.wire.Message;

/** From launch to end, and again (BEHAVIOUR 6). */
final class LifeSteps {
    private LifeSteps() {}

    static void launched(Plan plan, Name name, Run run, Instant at) {
        Unikernel u = plan.state().unikernel(name).orElseThrow(() -> unknown(name));
        if (!(u.phase() instanceof Phase.Starting starting)) {
            throw new IllegalStateException(name + " was launched while " + u.phase());
        }
        Unikernel running = u.with(new Phase.Running(run));
        plan.become(plan.state().with(running));
        var taps = new ArrayList<Command.Tap>();
        run.taps().forEach((device, tap) -> taps.add(new Command.Tap(device, tap)));
        plan.add(new Effect.TellStats(name, new Command.StatsAdd("", run.pid(), taps)));
        plan.log("started " + name + ", pid " + run.pid());
        plan.tell(Effect.Happening.STARTED, name, "pid " + run.pid());
        starting.client()
                .ifPresent(
                        client -> {
                            plan.tell(Effect.Happening.CREATED, name, "");
                            plan.done(client, starting.verb());
                        });
        starting.fallback().ifPresent(old -> CreateSteps.dropUnused(plan, old.digest()));
        if (starting.stopAfter()) {
            end(plan, running, run, new Next.Park(), at);
        }
    }

    static AssertionError unknown(Name name) {
        return new AssertionError("no unikernel " + name);
    }

    static void launchFailed(Plan plan, Name name, String why, Instant at) {
        Unikernel u = plan.state().unikernel(name).orElseThrow(() -> unknown(name));
        plan.become(plan.state().with(plan.state().resources().release(name)));
        notStarted(plan, u.withFailures(u.failures() + 1), why, at);
    }

    /** A start failed and its resources are free. */
    static void notStarted(Plan plan, Unikernel u, String why, Instant at) {
        if (!(u.phase() instanceof Phase.Starting starting)) {
            throw new IllegalStateException(u.name() + " did not start while " + u.phase());
        }
        plan.warn("could not start " + u.name() + ": " + why);
        plan.tell(Effect.Happening.NOT_STARTED, u.name(), why);
        Optional<Client> client = starting.client();
        if (plan.state().stopping() && starting.fallback().or(() -> kept(u, client)).isPresent()) {
            client.ifPresent(c -> plan.failed(c, why));
            Spec spec = starting.fallback().orElse(u.spec());
            plan.become(plan.state().with(u.with(spec).with(new Phase.Parked())));
            rewriteIfOther(plan, u, spec);
            CreateSteps.dropUnused(plan, u.spec().digest());
        } else if (starting.fallback().isPresent() && client.isPresent()) {
            Spec before = starting.fallback().get();
            plan.failed(client.get(), why + " (the unikernel before is started again)");
            var again =
                    new Phase.Starting(Optional.empty(), starting.verb(), Optional.empty(), false);
            CreateSteps.startAfter(plan, u.spec(), u.with(before).with(again), at);
            CreateSteps.dropUnused(plan, u.spec().digest());
        } else if (client.isPresent()) {
            plan.become(plan.state().without(u.name()));
            Client waits = client.get();
            plan.persist(
                    new State.Pending.Answer(
                            waits,
                            Message.failed(waits.header(), why),
                            true,
                            new State.Undo.Rewrite(u.name())),
                    new Effect.Record.Forget(u.name()));
            CreateSteps.dropUnused(plan, u.spec().digest());
        } else {
            waitFor(plan, u, why, at);
        }
    }

    /** On the disk is still the one that did not start. */
    private static void rewriteIfOther(Plan plan, Unikernel failed, Spec kept) {
        if (!failed.spec().equals(kept)) {
            plan.rewrite(failed.name());
        }
    }

    /** It was acknowledged before: nobody waits for this start. */
    private static Optional<Spec> kept(Unikernel u, Optional<Client> client) {
        return client.isPresent() ? Optional.empty() : Optional.of(u.spec());
    }

    /** Asks it to end; {@code next} is what follows. */
    static void end(Plan plan, Unikernel u, Run run, Next next, Instant at) {
        var ending = new Phase.Ending(run, at.plus(plan.state().grace()), next);
        plan.become(plan.state().with(u.with(ending)));
        plan.add(new Job.Terminate(u.name(), u.phase() instanceof Phase.Paused));
    }

    static void exited(Plan plan, Name name, long pid, ExitStatus how, Instant at) {
        Optional<Unikernel> found = plan.state().unikernel(name);
        Optional<Run> run = found.flatMap(Unikernel::run).filter(r -> r.pid() == pid);
        if (found.isEmpty() || run.isEmpty()) {
            return;
        }
        Unikernel u = found.get();
        Next next =
                u.phase() instanceof Phase.Ending(_, _, var asked)
                        ? asked
                        : after(u, run.get(), how);
        boolean steady = Duration.between(run.get().since(), at).compareTo(RestartRule.STEADY) >= 0;
        int failures = steady ? 1 : u.failures() + 1;
        plan.become(plan.state().with(u.withFailures(failures).with(new Phase.Cleaning(next))));
        plan.log(name + " ended with " + how);
        plan.tell(Effect.Happening.EXITED, name, how.toString());
        plan.add(new Effect.TellStats(name, new Command.StatsRemove()));
        plan.add(new Job.Clean(name));
    }

    private static Next after(Unikernel u, Run run, ExitStatus how) {
        return switch (RestartRule.verdict(how, u.spec().arguments().fail(), run.named())) {
            case STAY_DOWN -> new Next.Forget(List.of());
            case START_WITHOUT_NAME -> new Next.StartAgain(false);
            case START_AGAIN -> new Next.BackOff("ended with " + how);
        };
    }

    static void cleaned(Plan plan, Name name, Instant at) {
        Unikernel u = plan.state().unikernel(name).orElseThrow(() -> unknown(name));
        if (!(u.phase() instanceof Phase.Cleaning cleaning)) {
            throw new IllegalStateException(name + " was put away while " + u.phase());
        }
        Next next = cleaning.next();
        plan.become(plan.state().with(plan.state().resources().release(name)));
        if (plan.state().stopping() && !(next instanceof Next.Forget)) {
            park(plan, u, next);
            return;
        }
        switch (next) {
            case Next.Forget(var clients) -> forget(plan, u, clients, "destroyed unikernel");
            case Next.StartAgain(var named) when !plan.state().isReplacing(name) ->
                    startAgain(plan, u, named, at);
            case Next.StartAgain _ -> waitFor(plan, u, "is being replaced", at);
            case Next.BackOff(var reason) -> waitFor(plan, u, reason, at);
            case Next.Replace(var client, var verb, var spec, var fallback) -> {
                var starting = new Phase.Starting(Optional.of(client), verb, fallback, false);
                Unikernel fresh = u.with(spec).with(starting).withFailures(0);
                CreateSteps.start(plan, fresh, spec.arguments().addName(), at);
                if (fallback.isEmpty()) {
                    CreateSteps.dropUnused(plan, u.spec().digest());
                }
            }
            case Next.Park() -> park(plan, u, next);
        }
    }

    private static void waitFor(Plan plan, Unikernel u, String reason, Instant at) {
        Instant until = at.plus(RestartRule.backOff(u.failures()));
        plan.become(plan.state().with(u.with(new Phase.Waiting(until, reason))));
    }

    private static void park(Plan plan, Unikernel u, Next next) {
        plan.become(plan.state().with(u.with(new Phase.Parked())));
        if (next instanceof Next.Replace(var client, _, var spec, var fallback)) {
            plan.failed(client, "vmmd is stopping");
            if (fallback.isEmpty()) {
                forget(plan, u, List.of(), "");
            } else if (!spec.equals(u.spec())) {
                plan.rewrite(u.name());
            }
            CreateSteps.dropUnused(plan, spec.digest());
        }
    }

    private static void startAgain(Plan plan, Unikernel u, boolean named, Instant at) {
        plan.tell(Effect.Happening.RESTARTED, u.name(), "start " + (u.failures() + 1));
        var starting =
                new Phase.Starting(Optional.empty(), CreateSteps.CREATED, Optional.empty(), false);
        CreateSteps.start(plan, u.with(starting), named, at);
    }

    /** It is gone for good: the state on disk loses it before anybody hears so. */
    static void forget(Plan plan, Unikernel u, List<Client> clients, String what) {
        plan.become(
                plan.state().without(u.name()).with(plan.state().resources().release(u.name())));
        plan.tell(Effect.Happening.DESTROYED, u.name(), clients.isEmpty() ? "by itself" : what);
        if (clients.isEmpty()) {
            plan.rewrite(u.name());
        }
        for (Client client : clients) {
            var answer =
                    new State.Pending.Answer(
                            client,
                            Message.done(client.header(), what),
                            true,
                            new State.Undo.Rewrite(u.name()));
            plan.persist(answer, new Effect.Record.Forget(u.name()));
        }
        CreateSteps.dropUnused(plan, u.spec().digest());
    }

    static void tick(Plan plan, Instant at) {
        if (plan.state().stopping()) {
            killLate(plan, at);
            return;
        }
        for (Unikernel u : plan.state().unikernels().values()) {
            if (u.phase() instanceof Phase.Waiting(var until, _)
                    && !until.isAfter(at)
                    && !plan.state().isReplacing(u.name())) {
                startAgain(plan, u, u.spec().arguments().addName(), at);
            }
        }
        killLate(plan, at);
    }

    private static void killLate(Plan plan, Instant at) {
        for (Unikernel u : plan.state().unikernels().values()) {
            if (u.phase() instanceof Phase.Ending(var run, var killAt, var next)
                    && !killAt.isAfter(at)) {
                plan.warn(u.name() + " did not end on SIGTERM: killing it");
                var later = new Phase.Ending(run, at.plus(plan.state().grace()), next);
                plan.become(plan.state().with(u.with(later)));
                plan.add(new Job.Kill(u.name()));
            }
        }
    }

    static void stop(Plan plan, boolean stopUnikernels, Instant at) {
        if (!stopUnikernels) {
            plan.become(plan.state().with(State.Ending.LEAVES_UNIKERNELS));
            return;
        }
        plan.become(plan.state().with(State.Ending.STOPS_UNIKERNELS));
        for (Unikernel u : plan.state().unikernels().values()) {
            switch (u.phase()) {
                case Phase.Running(var run) -> end(plan, u, run, new Next.Park(), at);
                case Phase.Paused(var run) -> end(plan, u, run, new Next.Park(), at);
                case Phase.Starting(var client, var verb, var fallback, _) ->
                        plan.become(
                                plan.state()
                                        .with(
                                                u.with(
                                                        new Phase.Starting(
                                                                client, verb, fallback, true))));
                case Phase.Waiting _ -> plan.become(plan.state().with(u.with(new Phase.Parked())));
                case Phase.Ending _, Phase.Cleaning _, Phase.Parked _ -> {}
            }
        }
    }

    static boolean allStopped(State state) {
        return state.stopping()
                && state.writes().pending().isEmpty()
                && (state.ending() == State.Ending.LEAVES_UNIKERNELS
                        || state.unikernels().values().stream()
                                .allMatch(u -> u.phase() instanceof Phase.Parked));
    }
}
