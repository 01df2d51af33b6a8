package vmm.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import vmm.os.InitSocket;

/** How a daemon ends: once, on SIGTERM or SIGINT, in order, within a bound. */
public final class Stopping {
    /** The exit code of a bug, after which init starts the daemon again (sysexits.h). */
    public static final int EXIT_BUG = 70;

    /** How long stopping in order may take before the process ends anyhow. */
    public static final Duration STOP_MAX = Duration.ofSeconds(30);

    /** Nothing of it is loaded unless init listens. */
    private static final boolean INIT_LISTENS = System.getenv("NOTIFY_SOCKET") != null;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);

    /** Before it serves there is nothing to put away, and nobody who would say it is done. */
    private volatile boolean serving;

    private Stopping() {}

    /** From now on a signal makes {@link #await} return instead of ending the process. */
    public static Stopping onSignal() {
        var stopping = new Stopping();
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .name("stopping")
                                .unstarted(
                                        () -> {
                                            stopping.asked.countDown();
                                            if (stopping.serving) {
                                                tellInit("STOPPING=1");
                                                stopping.awaitDone();
                                            }
                                        }));
        return stopping;
    }

    private void awaitDone() {
        try {
            if (!done.await(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
                LogManager.getLogger(Stopping.class).error("stopping took too long, ending now");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells init that the daemon serves, and waits for the signal. */
    public void await() throws InterruptedException {
        serving = true;
        tellInit("READY=1");
        asked.await();
    }

    private static void tellInit(String state) {
        try {
            if (INIT_LISTENS) {
                InitSocket.tell(state);
            }
        } catch (IOException e) {
            LogManager.getLogger(Stopping.class).warn("init cannot be told: {}", e.getMessage());
        }
    }

    /** Says that everything has been put away: the process may end. */
    public void finished() {
        done.countDown();
    }

    /** Ends the process at once: state in memory can no longer be trusted. */
    static void onBug(String where, Throwable bug) {
        LogManager.getLogger(Stopping.class).fatal("bug in {}, ending: ", where, bug);
        Runtime.getRuntime().halt(EXIT_BUG);
    }
}
