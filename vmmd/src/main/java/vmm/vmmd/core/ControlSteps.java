package vmm.vmmd.core;

import java.util.Optional;
import vmm.core.Name;
import vmm.vmmd.core.Unikernel.Phase;
import vmm.wire.Message;
import vmm.wire.Success;

/** Pause, resume and limits of one unikernel. */
final class ControlSteps {
    private static final Optional<String> NOT_FOUND = Optional.of("is no unikernel here");

    private ControlSteps() {}

    static void asked(Plan plan, Client client, Input.Wish wish) {
        Name name = client.header().name();
        Optional<Unikernel> found = plan.state().unikernel(name);
        Optional<String> why = found.map(u -> refusal(plan.state(), u, wish)).orElse(NOT_FOUND);
        if (why.isPresent()) {
            plan.failed(client, name + " " + why.get());
            return;
        }
        Unikernel u = found.orElseThrow();
        Optional<Unikernel.Run> run = u.run();
        if (run.isPresent()) {
            plan.add(new Job.Control(Optional.of(client), name, run.get().pid(), wish));
        } else if (wish instanceof Input.Wish.Limit(var limits)) {
            limited(plan, client, u, limits);
        }
    }

    private static Optional<String> refusal(State state, Unikernel u, Input.Wish wish) {
        if (state.stopping()) {
            return Optional.of("stays as it is: vmmd is stopping");
        }
        if (state.isBeingRecorded(u.name())) {
            return Optional.of("is being replaced, try again");
        }
        return switch (u.phase()) {
            case Phase.Starting _, Phase.Ending _, Phase.Cleaning _ ->
                    Optional.of("is just being started or stopped, try again");
            case Phase.Running _ when wish instanceof Input.Wish.Resume ->
                    Optional.of("is not paused");
            case Phase.Paused _ when wish instanceof Input.Wish.Pause ->
                    Optional.of("is paused already");
            case Phase.Waiting _, Phase.Parked _ when !(wish instanceof Input.Wish.Limit) ->
                    Optional.of("does not run");
            case Phase.Running _, Phase.Paused _, Phase.Waiting _, Phase.Parked _ ->
                    Optional.empty();
        };
    }

    static void idled(Plan plan, Name name, long pid) {
        var wish = new Input.Wish.Pause(true);
        plan.state()
                .unikernel(name)
                .filter(u -> u.spec().limits().idleSeconds() > 0)
                .filter(u -> u.run().filter(r -> r.pid() == pid).isPresent())
                .filter(u -> refusal(plan.state(), u, wish).isEmpty())
                .ifPresent(_ -> plan.add(new Job.Control(Optional.empty(), name, pid, wish)));
    }

    static void woken(Plan plan, Name name) {
        plan.state()
                .unikernel(name)
                .ifPresent(
                        u -> {
                            if (u.phase() instanceof Phase.Paused(var run)) {
                                plan.become(plan.state().with(u.with(new Phase.Running(run))));
                                plan.tell(Effect.Happening.RESUMED, name, "by traffic");
                            }
                        });
    }

    static void done(Plan plan, Job.Control job, Optional<String> problem, String note) {
        Optional<Unikernel> same =
                plan.state()
                        .unikernel(job.name())
                        .filter(u -> u.run().filter(r -> r.pid() == job.pid()).isPresent());
        if (problem.isPresent() || same.isEmpty()) {
            String why = problem.orElse(job.name() + " ended meanwhile");
            job.client().ifPresent(client -> plan.failed(client, why));
            return;
        }
        Unikernel u = same.get();
        switch (job.wish()) {
            case Input.Wish.Pause _ when u.phase() instanceof Phase.Running(var run) -> {
                plan.become(plan.state().with(u.with(new Phase.Paused(run))));
                plan.tell(Effect.Happening.PAUSED, job.name(), note);
                job.client().ifPresent(client -> plan.done(client, "paused unikernel"));
            }
            case Input.Wish.Pause _ -> thawToEnd(plan, job, u);
            case Input.Wish.Resume() -> {
                // Traffic may have been quicker, or it was thawed to end.
                if (u.phase() instanceof Phase.Paused(var run)) {
                    plan.become(plan.state().with(u.with(new Phase.Running(run))));
                    plan.tell(Effect.Happening.RESUMED, job.name(), note);
                }
                job.client().ifPresent(client -> plan.done(client, "resumed unikernel"));
            }
            case Input.Wish.Limit(var limits) -> {
                Optional<String> why = refusal(plan.state(), u, job.wish());
                job.client()
                        .ifPresent(
                                client ->
                                        why.ifPresentOrElse(
                                                w -> plan.failed(client, u.name() + " " + w),
                                                () -> limited(plan, client, u, limits)));
            }
        }
    }

    /** It was asked to end while it was being frozen, and could not hear that. */
    private static void thawToEnd(Plan plan, Job.Control job, Unikernel u) {
        job.client().ifPresent(client -> plan.failed(client, u.name() + " is just being stopped"));
        plan.add(new Job.Control(Optional.empty(), u.name(), job.pid(), new Input.Wish.Resume()));
    }

    private static void limited(Plan plan, Client client, Unikernel u, Unikernel.Limits limits) {
        Unikernel limited = u.with(u.spec().withLimits(limits));
        plan.become(plan.state().with(limited));
        plan.tell(
                Effect.Happening.LIMITS_CHANGED,
                u.name(),
                limits.cpus()
                        + " CPUs, "
                        + limits.memoryBytes()
                        + " bytes, disks "
                        + limits.readBytes()
                        + " and "
                        + limits.writeBytes()
                        + " bytes a second, paused after "
                        + limits.idleSeconds()
                        + " s; 0 is none");
        plan.persist(
                new State.Pending.Answer(
                        client,
                        Message.done(client.header(), new Success.Text("changed limits")),
                        true,
                        new State.Undo.Rewrite(u.name())),
                new Effect.Record.Put(u.name(), limited.spec()));
    }
}
