package vmm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OutboxTest {
    private final Outbox.Room room = new Outbox.Room(1 << 21);
    private final Outbox outbox = new Outbox(100, room, lost -> bytes("[" + lost + "]"));

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** A peer that takes a few bytes at a time, once it is let. */
    private static class Sink implements GatheringByteChannel {
        final ByteArrayOutputStream got = new ByteArrayOutputStream();
        final CountDownLatch reads = new CountDownLatch(1);

        @Override
        public long write(ByteBuffer[] from, int offset, int length) throws IOException {
            await(reads);
            long written = 0;
            for (int i = offset; i < offset + length && written < 7; i++) {
                while (from[i].hasRemaining() && written < 7) {
                    got.write(from[i].get());
                    written++;
                }
            }
            return written;
        }

        @Override
        public long write(ByteBuffer[] from) throws IOException {
            return write(from, 0, from.length);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return (int) write(new ByteBuffer[] {from}, 0, 1);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}

        String text() {
            return got.toString(StandardCharsets.US_ASCII);
        }
    }

    private String drained() throws IOException, InterruptedException {
        Sink sink = openSink();
        outbox.close();
        outbox.drainTo(sink);
        return sink.text();
    }

    private static Sink openSink() {
        var sink = new Sink();
        sink.reads.countDown();
        return sink;
    }

    @Test
    void frames_comeInOrder_howeverLittleIsWrittenAtOnce() throws Exception {
        var expected = new StringBuilder();
        for (int i = 0; i < 25; i++) {
            assertThat(outbox.put(bytes("ab" + (char) ('a' + i)))).isTrue();
            expected.append("ab").append((char) ('a' + i));
        }
        assertThat(drained()).isEqualTo(expected.toString());
    }

    @Test
    void sharedFrame_isNotConsumed() throws Exception {
        ByteBuffer shared = bytes("shared");
        assertThat(outbox.put(shared)).isTrue();
        assertThat(drained()).isEqualTo("shared");
        assertThat(shared.remaining()).isEqualTo(6);
    }

    @Test
    void whatDoesNotFit_isCounted_andToldWhenThereIsRoom() throws Exception {
        assertThat(outbox.put(bytes("x".repeat(98)))).isTrue();
        assertThat(outbox.put(bytes("abc"))).isFalse();
        assertThat(outbox.put(bytes("abcdef"), 41)).isFalse();
        assertThat(outbox.put(bytes("y"))).isTrue();
        assertThat(drained()).isEqualTo("x".repeat(98) + "[42]y");
    }

    @Test
    void frames_areWritten_thoughTheNoteAfterThemIsEmpty() throws Exception {
        var silent = new Outbox(100 << 10, room, _ -> ByteBuffer.allocate(0));
        assertThat(silent.put(bytes("x".repeat(40 << 10)))).isTrue();
        assertThat(silent.put(bytes("z".repeat(80 << 10)))).isFalse();
        assertThat(silent.put(bytes("y".repeat(40 << 10)))).isTrue();
        var sink = new Sink();
        sink.reads.countDown();
        silent.close();
        silent.drainTo(sink);
        assertThat(sink.text()).isEqualTo("x".repeat(40 << 10) + "y".repeat(40 << 10));
    }

    @Test
    void loss_isToldAtTheEnd_thoughNothingFollows() throws Exception {
        assertThat(outbox.put(bytes("x".repeat(100)))).isTrue();
        assertThat(outbox.put(bytes("abc"))).isFalse();
        assertThat(drained()).isEqualTo("x".repeat(100) + "[1]");
    }

    @Test
    void closedOutbox_takesNothing() throws Exception {
        outbox.close();
        assertThat(outbox.put(bytes("late"))).isFalse();
        assertThat(drained()).isEmpty();
    }

    /** BEHAVIOUR 14.12: who never reads may cost its producer some milliseconds, once. */
    @Test
    void pace_waitsForWhoNeverReads_onceAndShortly() throws Exception {
        assertThat(outbox.put(bytes("x".repeat(90)))).isTrue();
        long start = System.nanoTime();
        for (int i = 0; i < 10_000; i++) {
            outbox.pace();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }

    /** Who reads fast and then has to wait for a processor loses nothing meanwhile. */
    @Test
    void pace_waitsLonger_forWhoHasReadMuch_butNotForWhatASocketHolds() throws Exception {
        assertThat(pausedAfter(64)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        assertThat(pausedAfter(3)).isLessThan(Duration.ofMillis(50));
    }

    /** How long pace waits, once, for a peer that has read so many chunks and then stops. */
    private Duration pausedAfter(int chunks) throws Exception {
        var large = new Outbox(1 << 20, room, _ -> bytes("lost"));
        ByteBuffer chunk = bytes("x".repeat(64 << 10));
        var taken = new Semaphore(0);
        var stopping =
                new Sink() {
                    @Override
                    public long write(ByteBuffer[] from, int offset, int length)
                            throws IOException {
                        long written = 0;
                        for (int i = offset; i < offset + length; i++) {
                            written += from[i].remaining();
                            from[i].position(from[i].limit());
                        }
                        taken.release();
                        if (taken.availablePermits() > chunks) {
                            await(reads);
                        }
                        return written;
                    }
                };
        Thread writer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        large.drainTo(stopping);
                                    } catch (IOException | InterruptedException e) {
                                        throw new AssertionError(e);
                                    }
                                });
        for (int i = 0; i <= chunks; i++) {
            assertThat(large.put(chunk)).isTrue();
            while (taken.availablePermits() <= i) {
                Thread.onSpinWait();
            }
        }
        for (int i = 0; i < 10; i++) {
            assertThat(large.put(chunk)).isTrue();
        }
        long start = System.nanoTime();
        large.pace();
        var paused = Duration.ofNanos(System.nanoTime() - start);
        large.close();
        stopping.reads.countDown();
        writer.join();
        return paused;
    }

    @Test
    void pace_doesNotWait_whereHalfIsFree() throws Exception {
        assertThat(outbox.put(bytes("x".repeat(50)))).isTrue();
        outbox.pace();
        assertThat(drained()).hasSize(50);
    }

    @Test
    void pace_ends_whenTheOutboxIsClosed() throws Exception {
        var large = new Outbox(1 << 20, room, _ -> bytes("lost"));
        Sink sink = openSink();
        assertThat(large.put(bytes("x".repeat(1 << 20)))).isTrue();
        Thread writer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        large.drainTo(sink);
                                    } catch (IOException | InterruptedException e) {
                                        throw new AssertionError(e);
                                    }
                                });
        large.close();
        large.pace();
        writer.join();
        assertThat(sink.text()).hasSize(1 << 20);
    }

    @Test
    void room_isShared_soThatNewcomersFindSome_andGivenBack() throws Exception {
        var small = new Outbox.Room(100);
        var first = new Outbox(100, small, _ -> bytes("lost"));
        var second = new Outbox(100, small, _ -> bytes("lost"));
        assertThat(first.put(bytes("x".repeat(40)))).isTrue();
        assertThat(first.put(bytes("x".repeat(40)))).isFalse();
        assertThat(second.put(bytes("y".repeat(30)))).isTrue();
        assertThat(second.put(bytes("y".repeat(30)))).isFalse();
        first.close();
        first.drainTo(openSink());
        assertThat(second.put(bytes("y".repeat(35)))).isTrue();
    }

    @Test
    void peerThatIsGone_holdsNoRoom() {
        var small = new Outbox.Room(100);
        var gone = new Outbox(100, small, _ -> bytes("lost"));
        assertThat(gone.put(bytes("x".repeat(50)))).isTrue();
        var broken =
                new Sink() {
                    @Override
                    public long write(ByteBuffer[] from, int offset, int length)
                            throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
        assertThatThrownBy(() -> gone.drainTo(broken)).isInstanceOf(IOException.class);
        assertThat(gone.put(bytes("late"))).isFalse();
        assertThat(new Outbox(100, small, _ -> bytes("")).put(bytes("z".repeat(100)))).isTrue();
    }
}
