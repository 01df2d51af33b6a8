package vmm.wire.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.wire.Allocation;

class FrameReaderTest {
    private static final int MAX = 1024;

    /** A peer that sends {@code content} in pieces of {@code piece} bytes, and ends. */
    private record Peer(ByteBuffer content, int piece) implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer target) {
            if (!content.hasRemaining()) {
                return -1;
            }
            int length = Math.min(piece, Math.min(content.remaining(), target.remaining()));
            target.put(content.slice(content.position(), length));
            content.position(content.position() + length);
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static FrameReader reader(String hex, int piece) {
        return new FrameReader(new Peer(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), piece));
    }

    private static Frame there(@Nullable Frame frame) {
        return Objects.requireNonNull(frame, "the peer ended");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 100})
    void next_givesTheFrames_howeverTheyArrive(int piece) throws IOException {
        FrameReader reader = reader("00000003aabbcc" + "00000001dd", piece);
        try (Frame first = there(reader.next(MAX));
                Frame second = there(reader.next(MAX))) {
            assertThat(first.bytes().hex()).isEqualTo("aabbcc");
            assertThat(second.bytes().hex()).isEqualTo("dd");
        }
        assertThat(reader.next(MAX)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00",
                "000000",
                "00000000",
                "ffffffff",
                "80000000",
                "80000001",
                "7fffffff",
                "00000401",
                "00000001",
                "00000004010203",
                "00000002aa"
            })
    void next_refuses_whatIsNoFrame(String hex) {
        assertThatThrownBy(() -> reader(hex, 100).next(MAX)).isInstanceOf(FrameException.class);
        assertThatThrownBy(() -> reader(hex, 1).next(MAX)).isInstanceOf(FrameException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "ffffffff", "80000000", "80000001"})
    void nextPiece_endsTheStream_atALengthOf0OrLess(String hex) throws IOException {
        FrameReader reader = reader("00000001aa00000002bbcc" + hex, 3);
        assertThat(reader.nextPiece(MAX)).isEqualTo(ByteBuffer.wrap(new byte[] {-86, -69, -52}));
        assertThat(reader.nextPiece(MAX)).isNull();
        assertThat(reader.nextPiece(MAX)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 4096, 64 * 1024, FrameReader.PIECE_BYTES, 700_000})
    void nextPiece_givesEveryByteInOrder_howeverTheChunksAreCut(int chunk) throws IOException {
        byte[] content = new byte[900_000];
        new Random(chunk).nextBytes(content);
        var sent = ByteBuffer.allocate(content.length * 2);
        for (int at = 0; at < content.length; at += chunk) {
            int length = Math.min(chunk, content.length - at);
            sent.putInt(length).put(content, at, length);
        }
        var reader = new FrameReader(new Peer(sent.putInt(0).flip(), 50_000));
        var got = ByteBuffer.allocate(content.length);
        for (var piece = reader.nextPiece(1 << 20); piece != null; ) {
            got.put(piece);
            piece = reader.nextPiece(1 << 20);
        }
        assertThat(got.array()).isEqualTo(content);
        assertThatThrownBy(() -> reader("00000401", 100).nextPiece(MAX))
                .hasMessageContaining("1024 are allowed");
    }

    @Test
    void ofPassing_givesFramesOfEverySize_insteadOfNewMemory() throws IOException {
        var sent = ByteBuffer.allocate(3_000_000);
        for (int length : new int[] {1, 9_000, 200_000, 200_000, 400_000, 10_000}) {
            sent.putInt(length).put(new byte[length - 1]).put((byte) length);
        }
        var reader = FrameReader.ofPassing(new Peer(sent.flip(), 100_000));
        for (int length : new int[] {1, 9_000, 200_000, 200_000, 400_000, 10_000}) {
            try (Frame frame = there(reader.next(1 << 20))) {
                assertThat(frame.bytes().length()).isEqualTo(length);
                assertThat(frame.bytes().at(length - 1)).isEqualTo(length & 0xff);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "000000", "7fffffff", "00000002aa"})
    void nextPiece_refuses_aStreamThatIsCutOff(String hex) {
        assertThatThrownBy(() -> reader(hex, 100).nextPiece(MAX))
                .isInstanceOf(FrameException.class);
    }

    @Test
    void next_givesLargeFrames_outsideTheHeap() throws IOException {
        int length = 4 * 1024 * 1024;
        var content = ByteBuffer.allocate(length + 4).putInt(length);
        new Random(1).nextBytes(content.array());
        content.putInt(0, length).rewind();
        var reader = new FrameReader(new Peer(content, 100_000));
        long before = Allocation.bytes();
        try (Frame frame = there(reader.next(length))) {
            long used = Allocation.bytes() - before;
            assertThat(used).isLessThan(256 * 1024);
            assertThat(frame.bytes().asBuffer().isDirect()).isTrue();
            assertThat(frame.bytes().asBuffer()).isEqualTo(content.slice(4, length));
        }
    }

    @Test
    void everyInputOfTheFuzzer_isReadOrRefused() {
        var random = new Random(Long.getLong("seed", 7L));
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            for (int at = 0; at + 4 < bytes.length && random.nextBoolean(); at += 5) {
                bytes[at] = 0;
                bytes[at + 1] = 0;
                bytes[at + 2] = (byte) random.nextInt(5);
            }
            FrameFuzz.fuzzerTestOneInput(bytes);
        }
    }
}
