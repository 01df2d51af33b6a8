package vmm.console.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import vmm.core.Name;
import vmm.wire.Data;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameWriter;

class LineFramesTest {
    private static final Instant FRACTION = Instant.parse("2026-01-02T03:04:05.678901Z");
    private static final Instant WHOLE = Instant.parse("2026-01-02T03:04:06Z");

    private static ByteBuffer joined(List<LineFrames.Chunk> chunks) {
        var all = ByteBuffer.allocate(2_000_000);
        chunks.forEach(c -> all.put(c.frames().duplicate()));
        return all.flip();
    }

    /** Patched frames are those that the codec makes, for every length, header and form. */
    @Test
    void frames_areTheCodecs() {
        var lines = new ArrayList<String>();
        for (int length = 1; length <= LineSplitter.LINE_BYTES_MAX + 3; length++) {
            lines.add("ab\u00e9".repeat(length).substring(0, length));
        }
        for (Header.Version version : Header.Version.values()) {
            for (boolean utc : new boolean[] {true, false}) {
                var header = new Header(version, 0x8000000000000001L, Name.parse("a:b:c"));
                var frames = new LineFrames(header, utc);
                for (Instant time : List.of(FRACTION, WHOLE, FRACTION)) {
                    Block block = LineRingTest.block(time, lines);
                    var expected = ByteBuffer.allocate(2_000_000);
                    for (int i = 0; i < block.count(); i++) {
                        var data = new Data.ConsoleLine(utc, time, block.text(i));
                        expected.put(FrameWriter.frame(Message.telling(header, data)));
                    }
                    assertThat(joined(frames.of(LineRing.Part.whole(block))))
                            .isEqualTo(expected.flip());
                }
            }
        }
    }

    @Test
    void chunks_areBounded_andCountTheirLines() {
        var lines = new ArrayList<String>();
        for (int i = 0; i < 5000; i++) {
            lines.add("x".repeat(1 + i % 500));
        }
        var frames = new LineFrames(Header.of(Name.parse("x")), false);
        LineRing.Part part = LineRing.Part.whole(LineRingTest.block(WHOLE, lines));
        List<LineFrames.Chunk> chunks = frames.of(part);
        assertThat(chunks.stream().mapToInt(LineFrames.Chunk::lines).sum()).isEqualTo(5000);
        assertThat(chunks)
                .allSatisfy(
                        c ->
                                assertThat(c.frames().remaining())
                                        .isLessThanOrEqualTo(LineFrames.CHUNK_BYTES))
                .hasSizeLessThan(60);
        assertThat(frames.of(part)).isSameAs(chunks);
        frames.forget();
        assertThat(joined(frames.of(part))).isEqualTo(joined(chunks));
    }
}
