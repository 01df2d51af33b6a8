package vmm.daemon;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * The one thread that holds a daemon's state. Inputs are handled in the order they came.
 *
 * @param <I> what can happen to the daemon
 */
public final class CoreLoop<I> {
    private final LinkedBlockingQueue<Runnable> inputs = new LinkedBlockingQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Consumer<I> handler;
    private final Thread thread;
    private volatile boolean running = true;

    /**
     * @param name of the thread
     * @param handler takes one input; whatever it throws is a bug and ends the process
     */
    public CoreLoop(String name, Consumer<I> handler) {
        this.handler = handler;
        thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Hands in what happened. Any thread; never waits. */
    public void submit(I input) {
        inputs.add(() -> handler.accept(input));
    }

    private void run() {
        try {
            while (running) {
                inputs.take().run();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error bug) {
            Stopping.onBug(thread.getName(), bug);
        } finally {
            ended.countDown();
        }
    }

    /** Ends after what was handed in before; returns when the thread is done. */
    public void stop() throws InterruptedException {
        inputs.add(() -> running = false);
        if (!Thread.currentThread().equals(thread)) {
            ended.await();
        }
    }
}
