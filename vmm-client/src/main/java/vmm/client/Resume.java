package vmm.client;

import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;
import vmm.wire.Success;

/** The option to go on where a connection broke; the command waits for a daemon that restarts. */
final class Resume {
    private static final long TRIES_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);
    private static final long PAUSE_MILLIS = 500;

    @Option(
            names = "--resume",
            description = {
                "go on where the connection broke, now for a minute and later with the same command;"
                        + " a hash tells whether what has come is still the same"
            })
    private boolean wanted;

    /** Something that can be done again. */
    @FunctionalInterface
    interface Attempt {
        Success run() throws ClientFailure;
    }

    boolean isWanted() {
        return wanted;
    }

    /** Until it is done, or refused, or a minute has gone by. */
    Success run(Terminal terminal, Attempt attempt) throws ClientFailure {
        long end = System.nanoTime() + TRIES_NANOS_MAX;
        for (boolean first = true; ; first = false) {
            try {
                return attempt.run();
            } catch (ClientFailure failure) {
                boolean absent = first && failure.exit() == ExitCode.CONNECT_FAILED;
                if (absent || !failure.mayPass() || System.nanoTime() - end > 0) {
                    throw failure;
                }
                terminal.say("vmm: " + failure.line() + "; trying again");
                pause(failure);
            }
        }
    }

    private static void pause(ClientFailure failure) throws ClientFailure {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }
}
