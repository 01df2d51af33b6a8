package vmm.client;

import java.util.concurrent.TimeUnit;

/** Shows the same again and again: in place on a terminal, one after another elsewhere. */
record Watch(Terminal terminal, double seconds) {
    private static final double SECONDS_MIN = 0.1;
    private static final double SECONDS_MAX = 86_400;

    /** What is shown. */
    @FunctionalInterface
    interface Picture {
        int draw() throws ClientFailure;
    }

    int run(Picture picture) throws ClientFailure {
        if (!(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX)) {
            throw ClientFailure.usage("--watch takes 0.1 to 86400 seconds, not " + seconds);
        }
        String before = terminal.colours() ? "\033[H\033[2J" : "";
        while (true) {
            terminal.out().print(before);
            int exit = picture.draw();
            terminal.out().flush();
            if (exit != ExitCode.OK || terminal.out().checkError()) {
                return exit;
            }
            try {
                TimeUnit.MILLISECONDS.sleep((long) (seconds * 1000));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return exit;
            }
        }
    }
}
