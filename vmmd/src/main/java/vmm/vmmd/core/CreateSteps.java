package vmm.vmmd.core;

import java.time.Instant;
import java.util.Optional;
import org.pcollections.HashPMap;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.Claim;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.Resources;
import vmm.core.Typ;
import vmm.vmmd.core.Unikernel.Next;
import vmm.vmmd.core.Unikernel.Phase;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.Command;

/** {@code create, force-create, restart}: refused, or prepared by a job and then started. */
final class CreateSteps {
    static final String CREATED = "created unikernel";
    private static final String BUSY = " is just being started or stopped, try again";

    /** Far below what a record of the state may hold: what is acknowledged must load again. */
    private static final int ARGV_CHARS_MAX = 128 * 1024;

    private CreateSteps() {}

    /** Refuses what cannot be, before the image costs anything. */
    static void asked(Plan plan, Client client, Name name, Command.Create create) {
        Arguments arguments = create.config().arguments();
        Optional<String> why =
                create.config().typ() == Typ.SOLO5
                        ? refusal(plan.state(), name, arguments, create.force())
                        : Optional.of("bhyve unikernels cannot run on this host");
        if (why.isPresent()) {
            plan.refused(client, why.get());
            return;
        }
        var before = new Spec(create.config().typ(), Bytes.EMPTY, arguments);
        prepare(plan, new Job.Prepare(client, create, before));
    }

    static void restart(Plan plan, Client client, Name name, Command.Restart restart, Instant at) {
        Optional<Unikernel> found = plan.state().unikernel(name);
        if (found.isEmpty()) {
            plan.failed(client, "restart: not found");
            return;
        }
        Unikernel u = found.get();
        if (Turns.isBusy(plan.state(), u)) {
            plan.failed(client, name + BUSY);
            return;
        }
        if (restart.arguments().isEmpty()) {
            replace(plan, client, u, u.spec(), at);
            return;
        }
        Arguments arguments = restart.arguments().get();
        Optional<String> why = refusal(plan.state(), name, arguments, true);
        if (why.isPresent()) {
            plan.refused(client, why.get());
            return;
        }
        prepare(plan, new Job.Prepare(client, restart, u.spec().withArguments(arguments)));
    }

    private static void prepare(Plan plan, Job.Prepare job) {
        State.Images images = plan.state().images();
        plan.become(plan.state().with(images.withPreparing(images.preparing() + 1))).add(job);
    }

    private static void prepareEnded(Plan plan) {
        State.Images images = plan.state().images();
        plan.become(plan.state().with(images.withPreparing(images.preparing() - 1)));
    }

    private static Optional<String> refusal(
            State state, Name name, Arguments arguments, boolean force) {
        if (name.isPath()) {
            return Optional.of("a unikernel needs a name, '" + name + "' is a path");
        }
        Optional<String> why = name.fileProblem().or(() -> deviceProblem(arguments));
        if (why.isPresent()) {
            return why;
        }
        Optional<Unikernel> there = state.unikernel(name);
        if (there.isPresent() && !force) {
            return Optional.of("unikernel " + name + " already exists: destroy it or use --force");
        }
        return switch (claim(state, name, arguments)) {
            case Resources.Taken.Refused(var reason) -> Optional.of(reason);
            case Resources.Taken.Of _ -> Optional.empty();
        };
    }

    /** Takes the resources, in place of what the name has now. */
    private static Resources.Taken claim(State state, Name name, Arguments arguments) {
        Claim claim = Claim.of(arguments);
        for (Label label : claim.blocks()) {
            Name device = name.sibling(label);
            String what = state.busyBlocks().get(device);
            if (what != null) {
                return new Resources.Taken.Refused(
                        "block device " + device + " is " + what + ", try again");
            }
        }
        return state.resources().release(name).claim(name, claim);
    }

    private static Optional<String> deviceProblem(Arguments arguments) {
        int chars = arguments.argvOrEmpty().stream().mapToInt(String::length).sum();
        if (chars > ARGV_CHARS_MAX) {
            return Optional.of(
                    "the arguments are too long: "
                            + chars
                            + " characters, "
                            + ARGV_CHARS_MAX
                            + " are allowed");
        }
        return arguments.blocks().stream()
                .flatMap(b -> Label.problem(b.hostDevice()).stream())
                .findFirst();
    }

    /** The image is there and fits: nothing was reserved meanwhile, so look again. */
    static void prepared(Plan plan, Input.Prepared prepared) {
        take(plan, prepared);
        prepareEnded(plan);
    }

    private static void take(Plan plan, Input.Prepared prepared) {
        Client client = prepared.client();
        Name name = client.header().name();
        Optional<Unikernel> there = plan.state().unikernel(name);
        Spec spec =
                there.map(u -> prepared.spec().withLimits(u.spec().limits()))
                        .orElse(prepared.spec());
        boolean force =
                switch (prepared.command()) {
                    case Command.Create create -> create.force();
                    case Command.Restart _ -> true;
                    case Command _ -> false;
                };
        Optional<String> why =
                prepared.problem()
                        .or(() -> stopping(plan.state()))
                        .or(() -> gone(plan.state(), name, prepared.command()))
                        .or(() -> refusal(plan.state(), name, spec.arguments(), force));
        if (why.isPresent()) {
            plan.refused(client, why.get());
            dropUnused(plan, spec.digest());
            return;
        }
        if (there.isEmpty()) {
            fresh(plan, client, name, spec);
        } else if (Turns.isBusy(plan.state(), there.get())) {
            plan.failed(client, name + BUSY);
            dropUnused(plan, spec.digest());
        } else {
            plan.persist(
                    new State.Pending.Replace(name, client, spec),
                    new Effect.Record.Put(
                            name, spec, there.flatMap(Unikernel::run).map(Unikernel.Run::id)));
        }
    }

    /** A new one is on the disk before it runs: what runs is what comes back. */
    private static void fresh(Plan plan, Client client, Name name, Spec spec) {
        var starting = new Phase.Starting(Optional.of(client), CREATED, Optional.empty(), false);
        Claim claim = Claim.of(spec.arguments());
        plan.become(
                plan.state()
                        .with(plan.state().resources().withClaim(name, claim))
                        .with(new Unikernel(name, spec, starting, 0)));
        record(plan, name, spec);
    }

    private static void record(Plan plan, Name name, Spec spec) {
        plan.persist(new State.Pending.Start(name), new Effect.Record.Put(name, spec));
        plan.add(new Job.Ready(name, spec, rings(plan.state(), name)));
    }

    static void recorded(Plan plan, Name name, Optional<String> problem) {
        Unikernel u = plan.state().unikernel(name).orElseThrow(() -> LifeSteps.unknown(name));
        if (!(u.phase() instanceof Phase.Starting)) {
            throw new IllegalStateException(name + " was recorded while " + u.phase());
        }
        problem.ifPresentOrElse(
                why -> plan.add(new Job.Abandon(name, why)),
                () -> launch(plan, u, u.spec().arguments().addName()));
    }

    /** The new spec is on the disk, or what runs goes on as it was. */
    static void replacementRecorded(
            Plan plan, State.Pending.Replace replace, Optional<String> problem, Instant at) {
        Client client = replace.client();
        Name name = replace.name();
        Spec spec = replace.spec();
        Optional<Unikernel> there = plan.state().unikernel(name);
        Optional<String> why =
                problem.or(() -> stopping(plan.state()))
                        .or(() -> refusal(plan.state(), name, spec.arguments(), true));
        if (why.isPresent()) {
            plan.failed(client, why.get());
            if (problem.isEmpty()) {
                plan.rewrite(name);
            }
            dropUnused(plan, spec.digest());
            return;
        }
        if (there.isEmpty()) {
            fresh(plan, client, name, spec);
            return;
        }
        Unikernel u = there.get();
        switch (u.phase()) {
            case Phase.Running _, Phase.Paused _, Phase.Waiting _, Phase.Parked _ ->
                    replace(plan, client, u, spec, at);
            case Phase.Cleaning(Next.Forget(var clients)) when clients.isEmpty() -> {
                var next = new Next.Replace(client, CREATED, spec, Optional.empty());
                plan.become(plan.state().with(u.with(new Phase.Cleaning(next))));
            }
            case Phase.Cleaning(Next.StartAgain _), Phase.Cleaning(Next.BackOff _) -> {
                var next = new Next.Replace(client, CREATED, spec, Optional.of(u.spec()));
                plan.become(plan.state().with(u.with(new Phase.Cleaning(next))));
            }
            case Phase.Starting _, Phase.Ending _, Phase.Cleaning _ -> {
                plan.failed(client, name + " was destroyed meanwhile");
                plan.rewrite(name);
                dropUnused(plan, spec.digest());
            }
        }
    }

    private static Optional<String> gone(State state, Name name, Command command) {
        return command instanceof Command.Restart && state.unikernel(name).isEmpty()
                ? Optional.of("restart: not found")
                : Optional.empty();
    }

    private static Optional<String> stopping(State state) {
        return state.stopping() ? Optional.of("vmmd is stopping") : Optional.empty();
    }

    /** Ends what runs or waits, and starts {@code spec}; if that fails the old one comes back. */
    private static void replace(Plan plan, Client client, Unikernel u, Spec spec, Instant at) {
        Optional<Unikernel.Run> run = u.run();
        if (run.isPresent()) {
            var next = new Next.Replace(client, CREATED, spec, Optional.of(u.spec()));
            LifeSteps.end(plan, u, run.get(), next, at);
            return;
        }
        var starting =
                new Phase.Starting(Optional.of(client), CREATED, Optional.of(u.spec()), false);
        start(plan, u.with(spec).with(starting), spec.arguments().addName(), at);
    }

    /** Takes the resources and launches; who waits hears of it when it runs or failed. */
    static void start(Plan plan, Unikernel u, boolean named, Instant at) {
        if (takes(plan, u, at)) {
            launch(plan, u, named);
        }
    }

    /** The same where the disk has {@code other}: first it is told what comes instead. */
    static void startAfter(Plan plan, Spec other, Unikernel u, Instant at) {
        if (other.equals(u.spec())) {
            start(plan, u, u.spec().arguments().addName(), at);
        } else if (takes(plan, u, at)) {
            record(plan, u.name(), u.spec());
        } else {
            plan.rewrite(u.name());
        }
    }

    /** Takes the resources, or it was not started. */
    private static boolean takes(Plan plan, Unikernel u, Instant at) {
        return switch (claim(plan.state(), u.name(), u.spec().arguments())) {
            case Resources.Taken.Of(var taken) -> {
                plan.become(plan.state().with(taken).with(u));
                yield true;
            }
            case Resources.Taken.Refused(var why) -> {
                Resources free = plan.state().resources().release(u.name());
                plan.become(plan.state().with(free).with(u));
                LifeSteps.notStarted(plan, u.withFailures(u.failures() + 1), why, at);
                yield false;
            }
        };
    }

    private static void launch(Plan plan, Unikernel u, boolean named) {
        plan.add(new Job.Launch(u.name(), u.spec(), named, rings(plan.state(), u.name())));
    }

    /** As many consoles as the nearest policy allows unikernels. */
    private static long rings(State state, Name name) {
        Optional<vmm.core.Path> at = Optional.of(name.path());
        while (at.isPresent()) {
            Optional<Policy> policy = state.resources().policy(at.get());
            if (policy.isPresent()) {
                return policy.get().unikernels();
            }
            at = at.get().parent();
        }
        return Policy.UNLIMITED;
    }

    /** Its image goes if nothing names it, once neither a job nor the disk can any more. */
    static void dropUnused(Plan plan, Bytes digest) {
        State state = plan.state();
        State.Images images = state.images();
        long last = state.writes().nextToken() - 1;
        plan.become(state.with(images.withDoubtful(images.doubtful().plus(digest, last))));
    }

    static void dropImages(Plan plan) {
        State.Images images = plan.state().images();
        if (images.preparing() > 0 || images.doubtful().isEmpty()) {
            return;
        }
        HashPMap<Bytes, Long> later = images.doubtful();
        for (var doubt : images.doubtful().entrySet()) {
            if (plan.state().writes().areDoneUntil(doubt.getValue())) {
                later = later.minus(doubt.getKey());
                if (!isUsed(plan.state(), doubt.getKey())) {
                    plan.add(new Effect.DropImage(doubt.getKey()));
                }
            }
        }
        plan.become(plan.state().with(images.withDoubtful(later)));
    }

    private static boolean isUsed(State state, Bytes digest) {
        return digest.isEmpty()
                || state.unikernels().values().stream().anyMatch(u -> names(u, digest))
                || state.writes().pending().values().stream().anyMatch(p -> names(p, digest));
    }

    private static boolean names(State.Pending pending, Bytes digest) {
        return pending instanceof State.Pending.Replace(_, _, var spec)
                && spec.digest().equals(digest);
    }

    private static boolean names(Unikernel u, Bytes digest) {
        Optional<Spec> other =
                u.phase() instanceof Phase.Starting(_, _, var fallback, _)
                        ? fallback
                        : u.replacement();
        return u.spec().digest().equals(digest)
                || other.filter(s -> s.digest().equals(digest)).isPresent();
    }
}
