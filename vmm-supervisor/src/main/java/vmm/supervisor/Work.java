package vmm.supervisor;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import vmm.wire.supervisor.SupervisorError.Kind;

/**
 * What may wait, done on a thread of its own; what comes of it goes on with the baton.
 *
 * @param jobs runs something aside
 * @param core runs something with the baton
 */
record Work(Consumer<Runnable> jobs, Consumer<Runnable> core) {
    /** The same, done by somebody else. */
    Work by(Consumer<Runnable> others) {
        return new Work(others, core);
    }

    /** A call to the kernel. */
    interface Job<T> {
        T run() throws IOException, InterruptedException;
    }

    /** The outcome of {@code then}, or of the failure; completed with the baton. */
    <T> CompletableFuture<Outcome> on(Job<T> job, Function<T, Outcome> then) {
        var outcome = new CompletableFuture<Outcome>();
        jobs.accept(
                () -> {
                    try {
                        T got = job.run();
                        core.accept(() -> outcome.complete(then.apply(got)));
                    } catch (IOException e) {
                        fail(outcome, e.getMessage());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        fail(outcome, "the supervisor is stopping");
                    } catch (RuntimeException bug) {
                        core.accept(
                                () -> {
                                    throw bug;
                                });
                    }
                });
        return outcome;
    }

    private void fail(
            CompletableFuture<Outcome> outcome, @org.jspecify.annotations.Nullable String why) {
        core.accept(() -> outcome.complete(Outcome.refused(Kind.FAILURE, why)));
    }
}
