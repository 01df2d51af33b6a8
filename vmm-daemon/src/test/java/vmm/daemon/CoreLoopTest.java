package vmm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CoreLoopTest {
    /** Has a bug. */
    public static final class Buggy {
        private Buggy() {}

        public static void main(String... arguments) {
            var loop =
                    new CoreLoop<String>(
                            "the core",
                            input -> {
                                throw new IllegalStateException(input);
                            });
            loop.start();
            loop.submit("not thought of");
        }
    }

    @Test
    void inputs_areHandledInOrder_onOneThread_evenThoseBeforeTheStop() throws Exception {
        List<Integer> handled = Collections.synchronizedList(new ArrayList<>());
        List<String> threads = Collections.synchronizedList(new ArrayList<>());
        var loop =
                new CoreLoop<Integer>(
                        "core of a test",
                        input -> {
                            handled.add(input);
                            threads.add(Thread.currentThread().getName());
                        });
        IntStream.range(0, 50).forEach(loop::submit);
        loop.start();
        IntStream.range(50, 1000).forEach(loop::submit);
        loop.stop();
        assertThat(handled).isEqualTo(IntStream.range(0, 1000).boxed().toList());
        assertThat(threads).containsOnly("core of a test");
    }

    @Test
    void stop_fromTheCoreItself_ends() throws Exception {
        var loop = new ArrayList<CoreLoop<String>>();
        loop.add(
                new CoreLoop<>(
                        "core",
                        _ -> {
                            try {
                                loop.getFirst().stop();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }));
        loop.getFirst().start();
        loop.getFirst().submit("stop");
        loop.getFirst().stop();
    }

    /** State in memory can no longer be trusted: init starts the daemon again. */
    @Test
    void bug_endsTheProcess_andIsLogged() throws Exception {
        var buggy = new Forked(Buggy.class);
        assertThat(buggy.rest())
                .contains("FATAL bug in the core, ending")
                .contains("IllegalStateException: not thought of");
        assertThat(buggy.exit()).isEqualTo(Stopping.EXIT_BUG);
    }
}
