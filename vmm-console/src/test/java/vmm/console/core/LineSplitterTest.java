package vmm.console.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import vmm.core.Text;

class LineSplitterTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
    private final LineSplitter splitter = new LineSplitter();
    private final LineSplitter.Desk desk = new LineSplitter.Desk();

    private static List<String> texts(Block block) {
        var texts = new ArrayList<String>();
        for (int i = 0; i < block.count(); i++) {
            texts.add(block.text(i));
        }
        return texts;
    }

    private List<String> split(byte[] bytes) {
        return texts(splitter.split(NOW, ByteBuffer.wrap(bytes), desk));
    }

    private List<String> split(String text) {
        return split(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> rest() {
        return texts(splitter.rest(NOW, desk));
    }

    @Test
    void lines_areSplit_andEmptyOnesLeftOut() {
        assertThat(split("\none\n\n\ntwo\nthr")).containsExactly("one", "two");
        assertThat(split("ee\n")).containsExactly("three");
        assertThat(rest()).isEmpty();
    }

    @Test
    void block_hasTheTimeOfItsRead() {
        assertThat(splitter.split(NOW, ByteBuffer.wrap(new byte[] {'a', '\n'}), desk).time())
                .isEqualTo(NOW);
    }

    /** BEHAVIOUR 14.23: a line that arrives in two reads is not cut. */
    @Test
    void longLine_isCutAt512_inHoweverManyReadsItComes() {
        String cut = "x".repeat(512) + " [truncated]";
        assertThat(split("x".repeat(513) + "\n")).containsExactly(cut);
        assertThat(split("x".repeat(300))).isEmpty();
        assertThat(split("x".repeat(300) + "\nnext\n")).containsExactly(cut, "next");
        for (int i = 0; i < 600; i++) {
            assertThat(split("x")).isEmpty();
        }
        assertThat(split("\n")).containsExactly(cut);
    }

    @Test
    void line_of512Bytes_isNotCut() {
        assertThat(split("x".repeat(512) + "\n")).containsExactly("x".repeat(512));
        assertThat(split("y".repeat(512))).isEmpty();
        assertThat(split("\n")).containsExactly("y".repeat(512));
    }

    /** BEHAVIOUR 14.23: last words without a newline are lost. */
    @Test
    void lastWords_areKept() {
        assertThat(split("one\npanic: no more")).containsExactly("one");
        assertThat(rest()).containsExactly("panic: no more");
        assertThat(rest()).isEmpty();
    }

    @Test
    void lastWords_areCut_likeALine() {
        assertThat(split("z".repeat(2000))).isEmpty();
        assertThat(rest()).containsExactly("z".repeat(512) + " [truncated]");
    }

    @Test
    void carriageReturn_isPartOfTheLine() {
        assertThat(split("a\r\n\r\n")).containsExactly("a\r", "\r");
    }

    @Test
    void everyByteValue_passes() {
        for (int value = 0; value < 256; value++) {
            if (value != '\n') {
                byte[] bytes = {'<', (byte) value, '>'};
                assertThat(split(new byte[] {'<', (byte) value, '>', '\n'}))
                        .singleElement()
                        .satisfies(text -> assertThat(Text.encode(text)).isEqualTo(bytes));
            }
        }
    }

    @Test
    void character_thatTheCutDivides_breaksNothing() {
        List<String> lines = split("x".repeat(511) + "ä\n");
        assertThat(Text.encode(lines.getFirst())).startsWith((byte) 'x').contains(0xc3);
        assertThat(lines.getFirst()).endsWith(" [truncated]");
    }

    @Test
    void lineOfAMegabyte_isCut_andTheNextOneIsWhole() {
        byte[] piece = new byte[65536];
        Arrays.fill(piece, (byte) 'm');
        for (int i = 0; i < 16; i++) {
            assertThat(split(piece)).isEmpty();
        }
        assertThat(split("\nwhole\n")).containsExactly("m".repeat(512) + " [truncated]", "whole");
    }

    @Test
    void manyCutLines_fitWhatWasReserved() {
        byte[] bytes = ("c".repeat(513) + "\n").repeat(120).getBytes(StandardCharsets.US_ASCII);
        assertThat(split("b".repeat(513))).isEmpty();
        assertThat(split(bytes)).hasSize(120);
        assertThat(split("\n".repeat(70_000))).isEmpty();
        assertThat(split("a\n".repeat(40_000))).hasSize(40_000);
    }

    /** Many fifos share a few desks: what is begun stays with its fifo. */
    @Test
    void desk_isForgotten_betweenTwoReads() {
        var other = new LineSplitter();
        assertThat(split("mine ")).isEmpty();
        assertThat(texts(other.split(NOW, ByteBuffer.wrap(new byte[] {'o', '\n', 'p'}), desk)))
                .containsExactly("o");
        assertThat(split("alone\n")).containsExactly("mine alone");
        assertThat(texts(other.rest(NOW, desk))).containsExactly("p");
    }

    /** However the bytes are divided into reads, the lines are the same. */
    @Test
    void lines_areThoseOfASlowReference_inRandomReads() {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            byte[] all = new byte[random.nextInt(6000)];
            int newlineEvery = 1 + random.nextInt(1200);
            for (int i = 0; i < all.length; i++) {
                all[i] = (byte) (random.nextInt(newlineEvery) == 0 ? '\n' : random.nextInt(256));
            }
            var found = new ArrayList<String>();
            for (int at = 0; at < all.length; ) {
                int size = Math.min(all.length - at, 1 + random.nextInt(900));
                found.addAll(split(Arrays.copyOfRange(all, at, at + size)));
                at += size;
            }
            found.addAll(rest());
            assertThat(found).as("seed %d", seed).isEqualTo(slowly(all));
        }
    }

    private static List<String> slowly(byte[] all) {
        var lines = new ArrayList<String>();
        var line = new ByteArrayOutputStream();
        for (int i = 0; i <= all.length; i++) {
            if (i < all.length && all[i] != '\n') {
                line.write(all[i]);
            } else {
                byte[] bytes = line.toByteArray();
                String text = Text.decode(bytes, 0, Math.min(512, bytes.length));
                if (bytes.length > 0) {
                    lines.add(bytes.length > 512 ? text + " [truncated]" : text);
                }
                line.reset();
            }
        }
        return lines;
    }
}
