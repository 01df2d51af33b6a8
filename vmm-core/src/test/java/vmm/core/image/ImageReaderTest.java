package vmm.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImageReaderTest {
    private static final SoloImage EXPECTED =
            new SoloImage(
                    Target.HVT,
                    2,
                    List.of(
                            new Device("storage", Device.Kind.BLOCK),
                            new Device("service", Device.Kind.NET)),
                    List.of(
                            new Segment(
                                    0x1000, 0x800, 0x100000, 0x800, 0x100000, 0x101000, false,
                                    true),
                            new Segment(
                                    0x1800, 0x100, 0x101000, 0x2100, 0x101000, 0x104000, true,
                                    false)),
                    0x100010);

    @TempDir Path folder;

    @Test
    void read_givesAllParts_ofAGoodImage() {
        assertThat(ImageReader.read(ImageBytes.image())).isEqualTo(new ImageResult.Of(EXPECTED));
    }

    @Test
    void read_givesTheSame_ofAFile() throws IOException {
        Path file = Files.write(folder.resolve("image.hvt"), ImageBytes.image().array());
        try (FileChannel channel = FileChannel.open(file)) {
            assertThat(ImageReader.read(channel)).isEqualTo(new ImageResult.Of(EXPECTED));
        }
    }

    @Test
    void read_findsTheNotes_bySectionNames() {
        assertThat(ImageReader.read(ImageBytes.imageWithSectionsOnly()))
                .isEqualTo(new ImageResult.Of(EXPECTED));
    }

    @Test
    void read_takesAbiOne_andOtherTargets() {
        ByteBuffer image = ImageBytes.image();
        image.putInt(ImageBytes.ABI_NOTE_AT + 20, 6).putInt(ImageBytes.ABI_NOTE_AT + 24, 1);
        assertThat(ImageReader.read(image))
                .isEqualTo(
                        new ImageResult.Of(
                                new SoloImage(
                                        Target.XEN, 1, EXPECTED.devices(), List.of(), 0x100010)));
    }

    @Test
    void read_asksOnlyForSmallParts_atTheirPlaces() throws IOException {
        ByteBuffer image = ImageBytes.image();
        var result =
                ImageReader.read(
                        (offset, into) -> {
                            assertThat(into.remaining()).isLessThanOrEqualTo(1024);
                            into.put(image.get((int) offset));
                            return 1;
                        });
        assertThat(result).isEqualTo(new ImageResult.Of(EXPECTED));
    }

    @Test
    void read_neverThrows_whenAnyByteIsChanged() {
        for (Supplier<ByteBuffer> made :
                List.<Supplier<ByteBuffer>>of(
                        ImageBytes::image, ImageBytes::imageWithSectionsOnly)) {
            ByteBuffer image = made.get();
            for (int place : ImageBytes.meaningful()) {
                byte kept = image.get(place);
                for (int change = 1; change < 256; change++) {
                    image.put(place, (byte) (kept ^ change));
                    assertThat(ImageReader.read(image)).isNotNull();
                }
                image.put(place, kept);
            }
        }
    }

    @Test
    void read_neverThrows_whenAnyFieldIsExtreme() {
        long[] extremes = {
            0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0xffffffffL, -4096, 0x7fffffff
        };
        ByteBuffer image = ImageBytes.imageWithSectionsOnly();
        for (int place : ImageBytes.meaningful()) {
            long kept = image.getLong(place);
            for (long extreme : extremes) {
                image.putLong(place, extreme);
                assertThat(ImageReader.read(image)).isNotNull();
            }
            image.putLong(place, kept);
        }
    }

    @Test
    void read_refuses_whenCutAnywhereBeforeTheLastNote() {
        ByteBuffer image = ImageBytes.image();
        for (int length = 0; length < ImageBytes.BYTES; length++) {
            var result = ImageReader.read(image.slice(0, length));
            if (length < ImageBytes.entryAt(3)) {
                assertThat(result).isInstanceOf(ImageResult.Refused.class);
            } else {
                assertThat(result).isEqualTo(new ImageResult.Of(EXPECTED));
            }
        }
    }

    static List<Arguments> refusals() {
        int load = ImageBytes.programHeaderAt(0);
        int second = ImageBytes.programHeaderAt(1);
        int manifest = ImageBytes.MANIFEST_NOTE_AT;
        return List.of(
                refusal("no ELF file", b -> b.put(1, (byte) 'e')),
                refusal("64-bit", b -> b.put(4, (byte) 1)),
                refusal("fixed addresses", b -> b.putShort(16, (short) 3)),
                refusal("processor", b -> b.putShort(18, (short) 183)),
                refusal("program headers", b -> b.putShort(56, (short) 0)),
                refusal("program headers", b -> b.putShort(56, (short) 257)),
                refusal("entry point", b -> b.putLong(24, 0xfffff)),
                refusal("ABI information", b -> b.put(ImageBytes.ABI_NOTE_AT + 12, (byte) 's')),
                refusal("too short", b -> b.putInt(ImageBytes.ABI_NOTE_AT + 4, 8)),
                refusal("valid size", b -> b.putInt(ImageBytes.ABI_NOTE_AT + 4, 17)),
                refusal("unknown Solo5 target 7", b -> b.putInt(ImageBytes.ABI_NOTE_AT + 20, 7)),
                refusal("manifest found", b -> b.putInt(manifest + 8, 0)),
                refusal("valid size", b -> b.putInt(manifest + 4, 4)),
                refusal("version", b -> b.putInt(manifest + 24, 2)),
                refusal("number of entries", b -> b.putInt(manifest + 28, 65)),
                refusal("number of entries", b -> b.putInt(manifest + 28, -1)),
                refusal("another size", b -> b.putInt(manifest + 28, 2)),
                refusal("reserved", b -> b.putInt(ImageBytes.entryAt(0) + 68, 1)),
                refusal("reserved", b -> b.put(ImageBytes.entryAt(0), (byte) 'a')),
                refusal("malformed", b -> b.put(ImageBytes.entryAt(1) + 96, (byte) 1)),
                refusal("malformed", b -> b.put(ImageBytes.entryAt(1) + 67, (byte) 'a')),
                refusal("unknown type", b -> b.putInt(ImageBytes.entryAt(1) + 68, 3)),
                refusal("letters", b -> b.put(ImageBytes.entryAt(1), (byte) '-')),
                refusal("two devices", b -> ImageBytes.entry(b, 2, "storage", 2)),
                refusal("writable and executable", b -> b.putInt(load + 4, 7)),
                refusal("too low", b -> b.putLong(load + 16, 0xff000)),
                refusal("overlap", b -> b.putLong(second + 16, 0x100000)),
                refusal("power of two", b -> b.putLong(load + 48, 0)),
                refusal("power of two", b -> b.putLong(load + 48, 0x1001)),
                refusal("whole pages", b -> b.putLong(load + 48, 1)),
                refusal("impossible size", b -> b.putLong(load + 40, 0x7ff)),
                refusal("impossible size", b -> b.putLong(load + 40, -1)),
                refusal("impossible size", b -> b.putLong(load + 40, Long.MAX_VALUE)));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void read_refuses_withTheReason(String why, Consumer<ByteBuffer> change) {
        ByteBuffer image = ImageBytes.image();
        change.accept(image);
        switch (ImageReader.read(image)) {
            case ImageResult.Refused refused -> assertThat(refused.why()).contains(why);
            case ImageResult.Of of -> fail("accepted " + of);
        }
    }

    @Test
    void problem_tellsOfMemory_thatIsTooSmall() {
        assertThat(EXPECTED.problem(0x104000)).isEmpty();
        assertThat(EXPECTED.problem(0x103fff)).isPresent();
    }

    private static Arguments refusal(String why, Consumer<ByteBuffer> change) {
        return Arguments.of(why, change);
    }
}
