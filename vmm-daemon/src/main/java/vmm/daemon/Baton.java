package vmm.daemon;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one thread at a time touch a daemon's state, as {@link CoreLoop} does with a thread of its
 * own: who hands in a step while nobody is at it takes it, and those that others hand in meanwhile.
 * For a daemon whose callers wait and whose steps are short: it saves two changes of thread a step.
 *
 * <p>A step must not wait. Whatever it throws is a bug and ends the process.
 */
public final class Baton {
    private final String name;
    private final ConcurrentLinkedQueue<Runnable> steps = new ConcurrentLinkedQueue<>();

    /** How many steps are not done; who makes the first of them has the baton until it is none. */
    private final AtomicInteger undone = new AtomicInteger();

    private volatile boolean stopped;

    /**
     * Nothing is done before {@link #start}.
     *
     * @param name of what the steps change
     */
    public Baton(String name) {
        this.name = name;
        steps.add(() -> {});
        undone.set(1);
    }

    /** Does what was handed in before. */
    public void start() {
        carry();
    }

    /** Hands in a step. Any thread; steps are done in the order they came. */
    public void submit(Runnable step) {
        steps.add(step);
        if (undone.getAndIncrement() == 0) {
            carry();
        }
    }

    private void carry() {
        try {
            do {
                Runnable step = steps.remove();
                if (!stopped) {
                    step.run();
                }
            } while (undone.decrementAndGet() > 0);
        } catch (RuntimeException | Error bug) {
            Stopping.onBug(name, bug);
        }
    }

    /** Returns when what was handed in before is done; what comes later never is. No step's own. */
    public void stop() throws InterruptedException {
        var done = new CountDownLatch(1);
        submit(
                () -> {
                    stopped = true;
                    done.countDown();
                });
        done.await();
    }
}
