package vmm.wire.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Allocation;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

class FrameWriterTest {
    private static final int IMAGE_BYTES = 32 * 1024 * 1024;

    /** Takes at most {@code piece} bytes a write, and the sum of all of them. */
    private static final class Sink implements GatheringByteChannel {
        private final ByteBuffer taken;
        private final int piece;
        private int heapBytesMax;

        Sink(int capacity, int piece) {
            this.taken = ByteBuffer.allocateDirect(capacity);
            this.piece = piece;
        }

        @Override
        public int write(ByteBuffer source) {
            int length = Math.min(piece, source.remaining());
            taken.put(source.slice().limit(length));
            source.position(source.position() + length);
            return length;
        }

        @Override
        public long write(ByteBuffer[] sources, int from, int count) {
            long sum = 0;
            int heap = 0;
            for (int i = from; i < from + count; i++) {
                heap += sources[i].isDirect() ? 0 : sources[i].remaining();
            }
            heapBytesMax = Math.max(heapBytesMax, heap);
            for (int i = from; i < from + count && sum < piece; i++) {
                int length = (int) Math.min(piece - sum, sources[i].remaining());
                taken.put(sources[i].slice().limit(length));
                sources[i].position(sources[i].position() + length);
                sum += length;
            }
            return sum;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static Message image(ByteBuffer image) {
        return Message.done(
                Header.of(Name.parse("foo:hello")), new Success.Image(false, Bytes.view(image)));
    }

    private static ByteBuffer random(ByteBuffer buffer) {
        var random = new Random(1);
        while (buffer.remaining() >= 8) {
            buffer.putLong(random.nextLong());
        }
        return buffer.rewind();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void send_copiesNoImage_andNoneIsCopiedWhenItIsDecoded(boolean outsideHeap) throws IOException {
        Message message =
                image(
                        random(
                                outsideHeap
                                        ? ByteBuffer.allocateDirect(IMAGE_BYTES)
                                        : ByteBuffer.allocate(IMAGE_BYTES)));
        var sink = new Sink(IMAGE_BYTES + 1024, 1_000_000);
        long before = Allocation.bytes();
        new FrameWriter(sink).send(message);
        sink.taken.flip();
        var frame = sink.taken.slice(4, sink.taken.limit() - 4);
        Decoded<Message> decoded = WireCodec.decode(Bytes.view(frame));
        long used = Allocation.bytes() - before;
        assertThat(used).isLessThan(1024 * 1024);
        assertThat(sink.heapBytesMax).isLessThanOrEqualTo(256 * 1024);
        assertThat(sink.taken.getInt(0)).isEqualTo(frame.limit());
        assertThat(decoded).isEqualTo(new Decoded.Of<>(message));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32_767, 32_768, 100_000, 1_000_000})
    void frameParts_areTheFrame_whateverTheImagesSize(int size) throws IOException {
        Message message = image(random(ByteBuffer.allocate(size)));
        for (int piece : new int[] {7_777, Integer.MAX_VALUE}) {
            var sink = new Sink(size + 1024, piece);
            new FrameWriter(sink).send(message);
            assertThat(sink.taken.flip()).isEqualTo(FrameWriter.frame(message));
        }
    }

    @Test
    void sendChunk_andEnd_areReadAgain() throws IOException {
        var sink = new Sink(1024, 3);
        var writer = new FrameWriter(sink);
        writer.sendChunk(Bytes.ofHex("aabbccdd"));
        writer.sendChunk(Bytes.EMPTY);
        writer.sendEnd();
        writer.send(Message.telling(Header.of(Name.ROOT), new Data.End()));
        byte[] taken = new byte[sink.taken.flip().remaining()];
        sink.taken.get(taken);
        assertThat(Bytes.of(taken).hex()).startsWith("00000004aabbccdd" + "00000000");
    }
}
