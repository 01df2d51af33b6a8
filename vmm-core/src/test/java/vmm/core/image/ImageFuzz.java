package vmm.core.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A fuzz target: Solo5 images. Its main writes what a fuzzer starts from. */
public final class ImageFuzz {
    private ImageFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        switch (ImageReader.read(ByteBuffer.wrap(bytes))) {
            case ImageResult.Of(var image) -> {
                if (image.devices().size() > Manifest.ENTRIES_MAX) {
                    throw new AssertionError(image.devices().size() + " devices");
                }
            }
            case ImageResult.Refused(var why) -> {
                if (why.isEmpty()) {
                    throw new AssertionError("refused without a reason");
                }
            }
        }
    }

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        Files.write(folder.resolve("segments"), ImageBytes.image().array());
        Files.write(folder.resolve("sections"), ImageBytes.imageWithSectionsOnly().array());
    }
}
