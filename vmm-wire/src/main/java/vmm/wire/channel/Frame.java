package vmm.wire.channel;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Optional;
import vmm.core.Bytes;

/**
 * What one frame carried. A large one lives outside the heap, so that an image costs its size once
 * and no longer than it is needed; {@link #bytes} must not be used after {@link #close}.
 */
public final class Frame implements AutoCloseable {
    private final Bytes bytes;
    private final Optional<Arena> arena;

    private Frame(Bytes bytes, Optional<Arena> arena) {
        this.bytes = bytes;
        this.arena = arena;
    }

    static Frame onHeap(byte[] content) {
        return new Frame(Bytes.view(content, 0, content.length), Optional.empty());
    }

    /** In memory that the next one takes. */
    static Frame passing(ByteBuffer content) {
        return new Frame(Bytes.view(content), Optional.empty());
    }

    static Frame outsideHeap(ByteBuffer content, Arena arena) {
        return new Frame(Bytes.view(content), Optional.of(arena));
    }

    public Bytes bytes() {
        return bytes;
    }

    @Override
    public void close() {
        arena.ifPresent(Arena::close);
    }
}
