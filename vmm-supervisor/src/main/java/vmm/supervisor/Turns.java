package vmm.supervisor;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import vmm.wire.supervisor.SupervisorError.Kind;

/**
 * The calls of each domain, one after the other; those of different domains run side by side. Only
 * who has the baton touches it.
 *
 * @param find the domain of a name, while there is one
 * @param changed told of a domain after a call that was done
 */
record Turns(Function<String, Optional<Domain>> find, Consumer<Domain> changed) {
    /** What is done with a domain that no other call is busy with. */
    interface Call {
        CompletableFuture<Outcome> on(Domain domain);
    }

    /** What a call waits for before it is answered. */
    record Pending(CompletableFuture<Outcome> outcome, String late) {
        static Pending of(Outcome outcome) {
            return new Pending(now(outcome), "");
        }
    }

    static CompletableFuture<Outcome> now(Outcome outcome) {
        return CompletableFuture.completedFuture(outcome);
    }

    /**
     * Runs a call when those before it on this domain are done.
     *
     * @param late what is said to a caller who waits no longer
     */
    Pending next(String name, String late, Call call) {
        Optional<Domain> found = find.apply(name);
        if (found.isEmpty()) {
            return Pending.of(unknown(name));
        }
        Domain domain = found.get();
        var answer = new CompletableFuture<Outcome>();
        if (domain.busy) {
            domain.waiting.add(() -> begin(domain, call, answer));
        } else {
            begin(domain, call, answer);
        }
        return new Pending(answer, late);
    }

    private void begin(Domain domain, Call call, CompletableFuture<Outcome> answer) {
        if (find.apply(domain.name).filter(found -> found == domain).isEmpty()) {
            answer.complete(unknown(domain.name));
            goOn(domain);
            return;
        }
        domain.busy = true;
        CompletableFuture<Outcome> _ =
                call.on(domain)
                        .thenApply(
                                outcome -> {
                                    domain.busy = false;
                                    if (outcome instanceof Outcome.Done) {
                                        changed.accept(domain);
                                    }
                                    answer.complete(outcome);
                                    goOn(domain);
                                    return outcome;
                                });
    }

    private static void goOn(Domain domain) {
        Runnable waiting = domain.busy ? null : domain.waiting.poll();
        if (waiting != null) {
            waiting.run();
        }
    }

    private static Outcome unknown(String name) {
        return Outcome.refused(Kind.NO_SUCH_ENTITY, "Unknown domain " + name);
    }
}
