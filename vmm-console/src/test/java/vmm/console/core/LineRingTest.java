package vmm.console.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineRingTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    static Block block(Instant time, List<String> lines) {
        String text = String.join("\n", lines) + "\n";
        return new LineSplitter()
                .split(
                        time,
                        ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)),
                        new LineSplitter.Desk());
    }

    private static List<String> texts(List<LineRing.Part> parts) {
        var texts = new ArrayList<String>();
        for (LineRing.Part part : parts) {
            for (int i = part.from(); i < part.to(); i++) {
                texts.add(part.block().text(i));
            }
        }
        return texts;
    }

    @Test
    void last_isWhatAListWouldGive_inRandomBlocks() {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            int capacity = 1 + random.nextInt(40);
            var ring = new LineRing(capacity);
            var all = new ArrayList<String>();
            for (int i = 0; i < 60; i++) {
                var lines = new ArrayList<String>();
                for (int n = 1 + random.nextInt(60); n > 0; n--) {
                    lines.add("line " + (all.size() + lines.size()));
                }
                ring.add(block(START.plusSeconds(i), lines));
                all.addAll(lines);
                for (long count : new long[] {-1, 0, 1, 7, capacity, 41, Long.MAX_VALUE}) {
                    int wanted = Math.clamp(count, 0, Math.min(capacity, all.size()));
                    assertThat(texts(ring.last(count)))
                            .as("seed %d", seed)
                            .isEqualTo(all.subList(all.size() - wanted, all.size()));
                }
                assertThat(ring.size()).isEqualTo(Math.min(capacity, all.size()));
            }
        }
    }

    @Test
    void since_isInclusive_andBoundedByTheCapacity() {
        var ring = new LineRing(4);
        ring.add(block(START, List.of("a", "b")));
        ring.add(block(START.plusMillis(1), List.of("c")));
        ring.add(block(START.plusMillis(2), List.of("d", "e")));
        assertThat(texts(ring.since(Instant.MIN))).containsExactly("b", "c", "d", "e");
        assertThat(texts(ring.since(START.plusMillis(1)))).containsExactly("c", "d", "e");
        assertThat(texts(ring.since(START.plusMillis(3)))).isEmpty();
        assertThat(texts(ring.since(Instant.MAX))).isEmpty();
    }

    @Test
    void emptyRing_hasNoPast() {
        var ring = new LineRing(4);
        assertThat(ring.last(5)).isEmpty();
        assertThat(ring.since(Instant.MIN)).isEmpty();
        assertThat(ring.size()).isZero();
    }

    @Test
    void memory_isWhatTheKeptLinesTake() {
        var ring = new LineRing(3);
        assertThat(ring.memoryBytes()).isZero();
        Block large = block(START, List.of("x".repeat(500), "y".repeat(500)));
        ring.add(large);
        assertThat(ring.memoryBytes()).isEqualTo(large.memoryBytes()).isGreaterThan(1000);
        Block small = block(START, List.of("1", "2", "3"));
        ring.add(small);
        assertThat(ring.memoryBytes()).isEqualTo(small.memoryBytes());
        ring.dropOldest();
        assertThat(ring.memoryBytes()).isZero();
        assertThat(ring.size()).isZero();
    }
}
