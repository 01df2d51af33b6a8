package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallerTest {
    private final Caller caller = new Caller();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    @Test
    void await_doesTheJobs_onTheWaitingThread() throws Exception {
        var by = new ArrayList<Thread>();
        caller.accept(() -> by.add(Thread.currentThread()));
        caller.accept(() -> outcome.complete(Outcome.DONE));
        assertThat(caller.await(outcome)).isEqualTo(Outcome.DONE);
        assertThat(by).containsExactly(Thread.currentThread());
    }

    @Test
    void await_doesAJob_thatComesWhileItWaits() throws Exception {
        var by = new ArrayList<Thread>();
        Thread other =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        caller.accept(
                                                () -> {
                                                    by.add(Thread.currentThread());
                                                    outcome.complete(Outcome.DONE);
                                                }));
        assertThat(caller.await(outcome)).isEqualTo(Outcome.DONE);
        assertThat(by).containsExactly(Thread.currentThread());
        other.join();
    }

    @Test
    void await_ends_whenTheOutcomeComesFromElsewhere() throws Exception {
        Thread other = Thread.ofPlatform().start(() -> outcome.complete(Outcome.DONE));
        assertThat(caller.await(outcome)).isEqualTo(Outcome.DONE);
        other.join();
    }
}
