package vmm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BatonTest {
    private static final int THREADS = 8;
    private static final int STEPS = 20_000;

    private final Baton baton = new Baton("a test");

    /** Has a bug. */
    public static final class Buggy {
        private Buggy() {}

        public static void main(String... arguments) {
            var baton = new Baton("the state");
            baton.start();
            baton.submit(
                    () -> {
                        throw new IllegalStateException("not thought of");
                    });
        }
    }

    @Test
    void steps_areTakenByWhoHandsThemIn_whileNobodyElseIsAtIt() {
        baton.start();
        var by = new ArrayList<Thread>();
        baton.submit(() -> by.add(Thread.currentThread()));
        assertThat(by).containsExactly(Thread.currentThread());
    }

    @Test
    void steps_ofSteps_comeBehindThem() {
        baton.start();
        var order = new ArrayList<String>();
        baton.submit(
                () -> {
                    baton.submit(() -> order.add("inner"));
                    order.add("outer");
                });
        assertThat(order).containsExactly("outer", "inner");
    }

    @Test
    void steps_areOneAtATime_andEachThreadsInItsOrder_fromManyThreads() throws Exception {
        var busy = new AtomicBoolean();
        var overlaps = new ArrayList<String>();
        List<List<Integer>> seen = new ArrayList<>();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < THREADS; t++) {
            var mine = new ArrayList<Integer>();
            seen.add(mine);
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int i = 0; i < STEPS; i++) {
                                            int number = i;
                                            baton.submit(
                                                    () -> {
                                                        if (busy.getAndSet(true)) {
                                                            overlaps.add("two at a time");
                                                        }
                                                        mine.add(number);
                                                        busy.set(false);
                                                    });
                                        }
                                    }));
        }
        baton.start();
        for (Thread thread : threads) {
            thread.join();
        }
        baton.stop();
        assertThat(overlaps).isEmpty();
        var all = IntStream.range(0, STEPS).boxed().toList();
        assertThat(seen).hasSize(THREADS).allSatisfy(one -> assertThat(one).isEqualTo(all));
    }

    @Test
    void steps_waitForTheStart_andEndWithTheStop() throws Exception {
        var done = new ArrayList<String>();
        baton.submit(() -> done.add("before the start"));
        assertThat(done).isEmpty();
        baton.start();
        assertThat(done).containsExactly("before the start");
        baton.stop();
        baton.submit(() -> done.add("after the stop"));
        assertThat(done).containsExactly("before the start");
    }

    @Test
    void stop_waitsForTheStepUnderWay() throws Exception {
        baton.start();
        var begun = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        var done = new AtomicBoolean();
        Thread slow =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        baton.submit(
                                                () -> {
                                                    begun.countDown();
                                                    awaitUninterruptibly(mayEnd);
                                                    done.set(true);
                                                }));
        begun.await();
        Thread.ofPlatform().start(mayEnd::countDown);
        baton.stop();
        assertThat(done).isTrue();
        slow.join();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** State in memory can no longer be trusted: init starts the daemon again. */
    @Test
    void bug_endsTheProcess_andIsLogged() throws Exception {
        var buggy = new Forked(Buggy.class);
        assertThat(buggy.rest())
                .contains("FATAL bug in the state, ending")
                .contains("IllegalStateException: not thought of");
        assertThat(buggy.exit()).isEqualTo(Stopping.EXIT_BUG);
    }
}
