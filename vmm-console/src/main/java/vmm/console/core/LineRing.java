package vmm.console.core;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The last lines of a console, kept by the blocks they came in. One thread. */
final class LineRing {
    /**
     * Some lines of a block.
     *
     * @param from the first one
     * @param to after the last one
     */
    record Part(Block block, int from, int to) {
        static Part whole(Block block) {
            return new Part(block, 0, block.count());
        }
    }

    private final ArrayDeque<Block> blocks = new ArrayDeque<>();
    private final int capacity;
    private long kept;
    private long memoryBytes;

    /**
     * @param capacity how many lines it keeps
     */
    LineRing(int capacity) {
        this.capacity = capacity;
    }

    void add(Block block) {
        blocks.add(block);
        kept += block.count();
        memoryBytes += block.memoryBytes();
        while (kept - blocks.getFirst().count() >= capacity) {
            dropOldest();
        }
    }

    /** Forgets what was read first; the ring must hold something. */
    void dropOldest() {
        Block oldest = blocks.removeFirst();
        kept -= oldest.count();
        memoryBytes -= oldest.memoryBytes();
    }

    /** How much memory the lines take. */
    long memoryBytes() {
        return memoryBytes;
    }

    int size() {
        return (int) Math.min(kept, capacity);
    }

    /**
     * The newest lines, oldest of them first.
     *
     * @param count how many at most; 0 or less is none
     */
    List<Part> last(long count) {
        long skipped = kept - Math.clamp(count, 0, size());
        var parts = new ArrayList<Part>();
        for (Block block : blocks) {
            int from = (int) Math.min(skipped, block.count());
            skipped -= from;
            if (from < block.count()) {
                parts.add(new Part(block, from, block.count()));
            }
        }
        return parts;
    }

    /** The lines that no older one follows, back to {@code time}. */
    List<Part> since(Instant time) {
        long count = 0;
        Iterator<Block> newest = blocks.descendingIterator();
        while (newest.hasNext()) {
            Block block = newest.next();
            if (block.time().isBefore(time)) {
                break;
            }
            count += block.count();
        }
        return last(count);
    }
}
