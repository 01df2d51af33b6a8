package vmm.wire;

import java.util.Optional;

/** What became of bytes that somebody sent. */
public sealed interface Decoded<T> {
    record Of<T>(T value) implements Decoded<T> {}

    /**
     * @param offset where in the bytes it went wrong, from 0
     * @param header of the message, if that much of it could be read: an answer can be given
     */
    record Malformed<T>(int offset, String why, Optional<Header> header) implements Decoded<T> {}
}
