package vmm.core.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that can be read at any place, as of a file. */
@FunctionalInterface
public interface ImageSource {
    /**
     * Reads some bytes from {@code offset} on into what remains of {@code into}.
     *
     * @param offset never negative, may be beyond the end
     * @return how many were read; less than 1 at the end
     */
    int read(long offset, ByteBuffer into) throws IOException;
}
