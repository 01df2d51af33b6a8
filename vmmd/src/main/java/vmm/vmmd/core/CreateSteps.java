package vmm.vmmd.core;

import java.time.Instant;
import java.util.Optional;
import org.pcollections.HashTreePSet;
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
            plan.failed(client, why.get());
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
        if (restart.arguments().isEmpty()) {
            replace(plan, client, u, u.spec(), CREATED, Optional.of(u.spec()), at);
            return;
        }
        Arguments arguments = restart.arguments().get();
        Optional<String> why = refusal(plan.state(), name, arguments, true);
        if (why.isPresent()) {
            plan.failed(client, why.get());
            return;
        }
        prepare(plan, new Job.Prepare(client, restart, u.spec().withArguments(arguments)));
    }

    private static void prepare(Plan plan, Job.Prepare job) {
        State state = plan.state();
        plan.become(state.withPreparing(state.preparing() + 1, state.doubtful())).add(job);
    }

    /** A job less may have stored what nothing names: after the last one that can be told. */
    private static void prepareEnded(Plan plan) {
        State state = plan.state();
        plan.become(state.withPreparing(state.preparing() - 1, state.doubtful()));
        if (plan.state().preparing() == 0) {
            plan.become(plan.state().withPreparing(0, HashTreePSet.empty()));
            state.doubtful().forEach(digest -> dropUnused(plan, digest));
        }
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
        Resources without = state.resources().release(name);
        return switch (without.claim(name, Claim.of(arguments))) {
            case Resources.Taken.Refused(var reason) -> Optional.of(reason);
            case Resources.Taken.Of _ -> Optional.empty();
        };
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
        Spec spec = prepared.spec();
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
            plan.failed(client, why.get());
            dropUnused(plan, spec.digest());
            return;
        }
        Optional<Unikernel> there = plan.state().unikernel(name);
        if (there.isPresent()) {
            Spec before = there.get().spec();
            replace(plan, client, there.get(), spec, CREATED, Optional.of(before), prepared.at());
            return;
        }
        var fresh =
                new Unikernel(
                        name,
                        spec,
                        new Phase.Starting(Optional.of(client), CREATED, Optional.empty(), false),
                        0);
        start(plan, fresh, spec.arguments().addName(), prepared.at());
    }

    private static Optional<String> gone(State state, Name name, Command command) {
        return command instanceof Command.Restart && state.unikernel(name).isEmpty()
                ? Optional.of("restart: not found")
                : Optional.empty();
    }

    private static Optional<String> stopping(State state) {
        return state.stopping() ? Optional.of("vmmd is stopping") : Optional.empty();
    }

    private static void replace(
            Plan plan,
            Client client,
            Unikernel u,
            Spec spec,
            String verb,
            Optional<Spec> fallback,
            Instant at) {
        switch (u.phase()) {
            case Phase.Running(var run) ->
                    LifeSteps.end(plan, u, run, new Next.Replace(client, verb, spec, fallback), at);
            case Phase.Waiting _, Phase.Parked _ -> {
                Optional<Spec> before = fallback;
                var starting = new Phase.Starting(Optional.of(client), verb, before, false);
                start(plan, u.with(spec).with(starting), spec.arguments().addName(), at);
            }
            case Phase.Starting _, Phase.Ending _, Phase.Cleaning _ -> {
                plan.failed(client, u.name() + BUSY);
                dropUnused(plan, spec.digest());
            }
        }
    }

    /** Takes the resources and launches; who waits hears of it when it runs or failed. */
    static void start(Plan plan, Unikernel u, boolean named, Instant at) {
        Resources free = plan.state().resources().release(u.name());
        switch (free.claim(u.name(), Claim.of(u.spec().arguments()))) {
            case Resources.Taken.Of(var taken) -> {
                plan.become(plan.state().with(taken).with(u));
                plan.add(new Job.Launch(u.name(), u.spec(), named, rings(plan.state(), u.name())));
            }
            case Resources.Taken.Refused(var why) -> {
                plan.become(plan.state().with(free).with(u));
                LifeSteps.notStarted(plan, u.withFailures(u.failures() + 1), why, at);
            }
        }
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

    static void dropUnused(Plan plan, Bytes digest) {
        boolean used =
                digest.isEmpty()
                        || plan.state().unikernels().values().stream()
                                .anyMatch(u -> names(u, digest));
        State state = plan.state();
        if (!used && state.preparing() > 0) {
            plan.become(state.withPreparing(state.preparing(), state.doubtful().plus(digest)));
        } else if (!used) {
            plan.add(new Effect.DropImage(digest));
        }
    }

    private static boolean names(Unikernel u, Bytes digest) {
        Optional<Spec> other =
                switch (u.phase()) {
                    case Phase.Starting(_, _, var fallback, _) -> fallback;
                    case Phase.Ending(_, _, Next.Replace(_, _, var spec, _)) -> Optional.of(spec);
                    case Phase.Cleaning(Next.Replace(_, _, var spec, _)) -> Optional.of(spec);
                    case Phase.Ending _,
                            Phase.Cleaning _,
                            Phase.Running _,
                            Phase.Waiting _,
                            Phase.Parked _ ->
                            Optional.empty();
                };
        return u.spec().digest().equals(digest)
                || other.filter(s -> s.digest().equals(digest)).isPresent();
    }
}
