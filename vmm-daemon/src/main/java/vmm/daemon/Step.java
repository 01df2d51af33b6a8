package vmm.daemon;

import java.util.List;

/**
 * One decision of a core. Effects are bounded and done in order; a job may block and ends in
 * exactly one input.
 */
public record Step<S, E, J>(S state, List<E> effects, List<J> jobs) {
    public Step {
        effects = List.copyOf(effects);
        jobs = List.copyOf(jobs);
    }

    public static <S, E, J> Step<S, E, J> stay(S state) {
        return new Step<>(state, List.of(), List.of());
    }
}
