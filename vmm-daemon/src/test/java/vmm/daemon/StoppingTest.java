package vmm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class StoppingTest {
    private static final int EXIT_SIGTERM = 143;

    /** Serves until it is stopped. */
    public static final class Serving {
        private Serving() {}

        @SuppressWarnings("SystemOut")
        public static void main(String... arguments) throws InterruptedException {
            Stopping stopping = Stopping.onSignal();
            Thread main = Thread.currentThread();
            Thread.ofPlatform()
                    .daemon()
                    .start(
                            () -> {
                                while (main.getState() != Thread.State.WAITING) {
                                    Thread.onSpinWait();
                                }
                                System.out.println("serving");
                            });
            stopping.await();
            System.out.println("put away");
            stopping.finished();
        }
    }

    /** Waits for something before it serves. */
    public static final class Starting {
        private Starting() {}

        @SuppressWarnings("SystemOut")
        public static void main(String... arguments) throws IOException {
            Stopping.onSignal();
            System.out.println("starting");
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void signal_letsTheDaemonPutAway_whatItHas() throws Exception {
        var serving = new Forked(Serving.class);
        assertThat(serving.line()).isEqualTo("serving");
        serving.terminate();
        assertThat(serving.rest()).isEqualTo("put away\n");
        assertThat(serving.exit()).isEqualTo(EXIT_SIGTERM);
    }

    @Test
    void signal_endsAtOnce_whatDoesNotServeYet() throws Exception {
        var starting = new Forked(Starting.class);
        assertThat(starting.line()).isEqualTo("starting");
        starting.terminate();
        assertThat(starting.rest()).isEmpty();
        assertThat(starting.exit()).isEqualTo(EXIT_SIGTERM);
    }
}
