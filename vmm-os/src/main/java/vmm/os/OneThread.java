package vmm.os;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A platform thread for one call that leaves its thread unfit for anything else. */
final class OneThread {
    private static final long STACK_BYTES = 256 << 10;

    /** What the thread does. */
    interface Call<T> {
        T run() throws IOException;
    }

    private OneThread() {}

    static <T> T run(String name, Call<T> call) throws IOException, InterruptedException {
        var answer = new CompletableFuture<T>();
        Thread.ofPlatform()
                .daemon()
                .name(name)
                .stackSize(STACK_BYTES)
                .start(
                        () -> {
                            try {
                                answer.complete(call.run());
                            } catch (IOException | RuntimeException | Error e) {
                                answer.completeExceptionally(e);
                            }
                        });
        try {
            return answer.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Errno failed -> throw new Errno(failed);
                case IOException failed -> throw new IOException(failed.getMessage(), failed);
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
