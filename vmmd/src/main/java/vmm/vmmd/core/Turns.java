package vmm.vmmd.core;

import java.util.Optional;
import org.pcollections.TreePVector;
import vmm.core.Name;
import vmm.vmmd.core.Unikernel.Phase;
import vmm.wire.Command;

/** Who waits while a unikernel is being started or ended: heard afterwards, as they came. */
final class Turns {
    /** For one unikernel; who comes later is told to try again. */
    static final int WAITING_MAX = 16;

    private Turns() {}

    /** Lets {@code input} wait, if it must and can. */
    static boolean waits(Plan plan, Input input) {
        Optional<Name> about = about(input);
        if (about.isEmpty()) {
            return false;
        }
        State state = plan.state();
        TreePVector<Input> before = state.waitingFor(about.get());
        if (before.size() == WAITING_MAX || (before.isEmpty() && !isTooEarly(state, input))) {
            return false;
        }
        plan.become(state.withWaiting(about.get(), before.plus(input)));
        return true;
    }

    /** The next one who need not wait any longer; it is not among the waiting any more. */
    static Optional<Input> next(Plan plan) {
        State state = plan.state();
        for (var queue : state.turns().entrySet()) {
            Input first = queue.getValue().get(0);
            if (!isTooEarly(state, first)) {
                plan.become(state.withWaiting(queue.getKey(), queue.getValue().minus(0)));
                return Optional.of(first);
            }
        }
        return Optional.empty();
    }

    /** The unikernel whose turn the input needs. */
    private static Optional<Name> about(Input input) {
        return switch (input) {
            case Input.Asked(var client, Command.Destroy _, _) -> Optional.of(named(client));
            case Input.Asked(var client, Command.Restart _, _) -> Optional.of(named(client));
            case Input.Prepared prepared -> Optional.of(named(prepared.client()));
            case Input.Controlled(var client, _) -> Optional.of(named(client));
            case Input _ -> Optional.empty();
        };
    }

    private static Name named(Client client) {
        return client.header().name();
    }

    private static boolean isTooEarly(State state, Input input) {
        if (state.stopping()) {
            return false;
        }
        return about(input)
                .flatMap(state::unikernel)
                .filter(
                        u ->
                                input instanceof Input.Asked(_, Command.Destroy _, _)
                                        ? u.phase() instanceof Phase.Starting
                                        : isBusy(state, u))
                .isPresent();
    }

    /** Whether it is between two states that last. */
    static boolean isBusy(State state, Unikernel u) {
        return state.isReplacing(u.name())
                || switch (u.phase()) {
                    case Phase.Running _, Phase.Paused _, Phase.Waiting _, Phase.Parked _ -> false;
                    case Phase.Starting _, Phase.Ending _, Phase.Cleaning _ -> true;
                };
    }
}
