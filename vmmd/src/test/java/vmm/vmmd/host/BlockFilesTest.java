package vmm.vmmd.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Prefix;
import vmm.wire.channel.FrameWriter;

class BlockFilesTest {
    private static final Name DEVICE = Name.parse("foo:storage");
    private static final int MIB = 1 << 20;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @TempDir Path folder;
    private BlockFiles blocks;

    @BeforeEach
    void open() throws IOException {
        blocks = new BlockFiles(folder.resolve("block"));
    }

    private Path file() {
        return folder.resolve("block/foo:storage");
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Zlib.Source whole(byte[] bytes) {
        return Zlib.Source.of(Bytes.of(bytes));
    }

    /** Gives {@code bytes} in pieces, and breaks after {@code cut} of them. */
    private static Zlib.Source broken(byte[] bytes, int cut) {
        var left = ByteBuffer.wrap(bytes, 0, cut);
        return () -> {
            if (!left.hasRemaining()) {
                throw new EOFException("the connection ended");
            }
            int length = Math.min(4096, left.remaining());
            ByteBuffer piece = left.slice(left.position(), length);
            left.position(left.position() + length);
            return piece;
        };
    }

    private static byte[] deflated(byte[] bytes) {
        var deflater = new Deflater();
        deflater.setInput(bytes);
        deflater.finish();
        var out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }

    private byte[] dump(int level) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var content = blocks.open(DEVICE, Prefix.NONE)) {
            Zlib.read(
                    content,
                    level,
                    piece -> {
                        byte[] copy = new byte[piece.remaining()];
                        piece.get(copy);
                        out.writeBytes(copy);
                    });
        }
        return out.toByteArray();
    }

    private static byte[] inflated(byte[] zlib, int length) throws Exception {
        var inflater = new Inflater();
        inflater.setInput(zlib);
        byte[] plain = new byte[length + 1];
        int count = 0;
        for (int n = 1; n > 0; count += n) {
            n = inflater.inflate(plain, count, plain.length - count);
        }
        assertThat(inflater.finished()).isTrue();
        inflater.end();
        return Arrays.copyOf(plain, count);
    }

    @Test
    void add_makesZeros_withoutTakingSpace() throws IOException {
        blocks.add(DEVICE, 100, false, whole(new byte[0]));
        assertThat(Files.size(file())).isEqualTo(100L * MIB);
        assertThat((Long) Files.getAttribute(file(), "unix:size")).isEqualTo(100L * MIB);
        assertThatThrownBy(() -> blocks.add(DEVICE, 1, false, whole(new byte[0])))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void set_replacesEverything_andDumpGivesItBack_atEveryLevel() throws Exception {
        blocks.add(DEVICE, 1, false, whole(bytes(MIB)));
        byte[] content = bytes(300_000);
        Arrays.fill(content, 70_000, 200_000, (byte) 0);
        blocks.set(DEVICE, 1, true, whole(deflated(content)));
        byte[] wanted = Arrays.copyOf(content, MIB);
        assertThat(dump(0)).isEqualTo(wanted);
        assertThat(inflated(dump(1), MIB)).isEqualTo(wanted);
        assertThat(inflated(dump(9), MIB)).isEqualTo(wanted);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(blocks.whole(DEVICE, 0, arena).toArray()).isEqualTo(wanted);
            assertThat(inflated(blocks.whole(DEVICE, 6, arena).toArray(), MIB)).isEqualTo(wanted);
        }
    }

    /** albatross 2.5.0 to 2.7.2 inflates the first 64 KiB of a chunk, and damages the rest. */
    @Test
    void dump_givesNoCompressedPiece_thatAlbatrossDamages() throws IOException {
        blocks.add(DEVICE, 1, false, whole(bytes(MIB)));
        try (var content = blocks.open(DEVICE, Prefix.NONE)) {
            Zlib.read(
                    content,
                    9,
                    piece ->
                            assertThat(piece.remaining())
                                    .isLessThanOrEqualTo(FrameWriter.COMPRESSED_CHUNK_BYTES_MAX));
        }
    }

    /** BEHAVIOUR 14.14: a torn block set leaves half of the new content, or a shorter file. */
    @Test
    void set_keepsTheOldContent_whereverTheStreamIsCut() throws IOException {
        byte[] old = bytes(MIB);
        byte[] fresh = bytes(MIB);
        byte[] zlib = deflated(fresh);
        blocks.add(DEVICE, 1, false, whole(old));
        for (int round = 0; round < 100; round++) {
            int cut = random.nextInt(MIB);
            assertThatThrownBy(() -> blocks.set(DEVICE, 1, false, broken(fresh, cut)))
                    .isInstanceOf(EOFException.class);
            assertThatThrownBy(() -> blocks.set(DEVICE, 1, true, broken(zlib, cut)))
                    .isInstanceOf(EOFException.class);
        }
        assertThat(dump(0)).as("-Dseed=%d", seed).isEqualTo(old);
        assertOnlyTheDevice();
    }

    @Test
    void set_refuses_whatIsTooLong_cutOff_orNoZlib() throws IOException {
        byte[] old = bytes(MIB);
        blocks.add(DEVICE, 1, false, whole(old));
        assertThatThrownBy(() -> blocks.set(DEVICE, 1, false, whole(new byte[MIB + 1])))
                .hasMessageContaining("exceeds");
        byte[] bomb = deflated(new byte[64 * MIB]);
        assertThatThrownBy(() -> blocks.set(DEVICE, 1, true, whole(bomb)))
                .hasMessageContaining("exceeds");
        byte[] cut = Arrays.copyOf(deflated(old), 1000);
        assertThatThrownBy(() -> blocks.set(DEVICE, 1, true, whole(cut)))
                .hasMessageContaining("cut off");
        byte[] plain = old.clone();
        plain[0] = 0;
        assertThatThrownBy(() -> blocks.set(DEVICE, 1, true, whole(plain)))
                .hasMessageContaining("zlib");
        byte[] more = Arrays.copyOf(deflated(bytes(10)), 100);
        assertThatThrownBy(() -> blocks.set(DEVICE, 1, true, whole(more)))
                .hasMessageContaining("follows");
        assertThat(dump(0)).isEqualTo(old);
        assertOnlyTheDevice();
    }

    @Test
    void start_removesWhatACrashLeft_andNothingElse() throws IOException {
        blocks.add(DEVICE, 1, false, whole(bytes(10)));
        Files.write(folder.resolve("block/foo:storage~incoming"), bytes(10));
        blocks = new BlockFiles(folder.resolve("block"));
        assertOnlyTheDevice();
    }

    @Test
    void setFrom_goesOnWhereItWasTorn_andKeepsTheOldContentMeanwhile() throws IOException {
        byte[] old = bytes(MIB);
        byte[] fresh = bytes(MIB);
        Arrays.fill(fresh, 100_000, 300_000, (byte) 0);
        blocks.add(DEVICE, 1, false, whole(old));
        Prefix held = Prefix.NONE;
        for (int cut : new int[] {200_704, 700_416}) {
            Prefix from = held;
            byte[] left = Arrays.copyOfRange(fresh, (int) held.bytes(), MIB);
            assertThatThrownBy(
                            () ->
                                    blocks.setFrom(
                                            DEVICE,
                                            1,
                                            false,
                                            from,
                                            broken(left, cut - (int) from.bytes())))
                    .isInstanceOf(EOFException.class);
            blocks = new BlockFiles(folder.resolve("block"));
            held = blocks.held(DEVICE);
            assertThat(held).isEqualTo(prefix(fresh, cut));
            assertThat(dump(0)).isEqualTo(old);
        }
        byte[] last = Arrays.copyOfRange(fresh, 700_416, MIB);
        blocks.setFrom(DEVICE, 1, true, held, whole(deflated(last)));
        assertThat(dump(0)).isEqualTo(fresh);
        assertOnlyTheDevice();
    }

    @Test
    void setFrom_refuses_whatIsNotHeld() throws IOException {
        blocks.add(DEVICE, 1, false, whole(new byte[0]));
        byte[] content = bytes(MIB);
        Prefix from = prefix(content, 5000);
        assertThatThrownBy(() -> blocks.setFrom(DEVICE, 1, false, from, whole(content)))
                .hasMessageContaining("not held");
        assertThatThrownBy(
                        () -> blocks.setFrom(DEVICE, 1, false, Prefix.NONE, broken(content, 9000)))
                .isInstanceOf(EOFException.class);
        Prefix other = prefix(bytes(MIB), 5000);
        assertThatThrownBy(() -> blocks.setFrom(DEVICE, 1, false, other, whole(content)))
                .hasMessageContaining("not held");
        assertThat(blocks.held(DEVICE)).isEqualTo(Prefix.NONE);
        assertOnlyTheDevice();
    }

    @Test
    void held_isForgotten_withItsDevice() throws IOException {
        blocks.add(DEVICE, 1, false, whole(new byte[0]));
        byte[] content = bytes(MIB);
        assertThatThrownBy(
                        () -> blocks.setFrom(DEVICE, 1, false, Prefix.NONE, broken(content, 9000)))
                .isInstanceOf(EOFException.class);
        assertThat(HostFacts.blocks(folder.resolve("block"))).hasSize(1);
        blocks.remove(DEVICE);
        assertThat(folder.resolve("block")).isEmptyDirectory();
    }

    private static Prefix prefix(byte[] content, int length) throws IOException {
        var in = Channels.newChannel(new ByteArrayInputStream(content));
        return Prefix.of(in, length);
    }

    private void assertOnlyTheDevice() throws IOException {
        try (var files = Files.list(folder.resolve("block"))) {
            assertThat(files).containsExactly(file());
        }
    }
}
