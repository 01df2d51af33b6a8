package vmm.config;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** A thread with room for graphs as deep as they come. */
final class DeepStack {
    private static final long STACK_BYTES = 1L << 29;

    private DeepStack() {}

    static <T> T call(Supplier<T> work) {
        var task = new FutureTask<T>(work::get);
        Thread.ofPlatform().name("config").stackSize(STACK_BYTES).start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new AssertionError(e);
            }
        }
    }
}
