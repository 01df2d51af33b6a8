package vmm.tender;

import java.nio.ByteBuffer;
import vmm.core.image.ImageSource;

/** An open image, read without the machinery of channels. */
final class ImageFile implements ImageSource {
    private final Kernel kernel;
    private final long descriptor;

    ImageFile(Kernel kernel, long descriptor) {
        this.kernel = kernel;
        this.descriptor = descriptor;
    }

    @Override
    public int read(long offset, ByteBuffer into) {
        int length = Math.min(into.remaining(), kernel.scratch().capacity());
        long got =
                kernel.call(
                        Kernel.PREAD, descriptor, kernel.scratchAddress(), length, offset, 0, 0);
        if (got > 0) {
            into.put(into.position(), kernel.scratch(), 0, (int) got);
            into.position(into.position() + (int) got);
        }
        return (int) got;
    }
}
