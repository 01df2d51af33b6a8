package vmm.supervisor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * The thread of one call, which does the call's jobs itself while it waits for the outcome: it
 * would only sleep, and a machine with few processors takes its time to wake another one.
 */
final class Caller implements Consumer<Runnable> {
    private final LinkedBlockingQueue<Runnable> jobs = new LinkedBlockingQueue<>();

    @Override
    public void accept(Runnable job) {
        jobs.add(job);
    }

    /** Does jobs until the outcome is there. Only the process's end may interrupt it. */
    Outcome await(CompletableFuture<Outcome> outcome)
            throws InterruptedException, ExecutionException {
        CompletableFuture<Outcome> _ = outcome.whenComplete((_, _) -> jobs.add(() -> {}));
        while (!outcome.isDone()) {
            jobs.take().run();
        }
        return outcome.get();
    }
}
