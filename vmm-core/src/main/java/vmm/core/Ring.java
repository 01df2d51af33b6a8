package vmm.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The last lines of a console, oldest first. Not safe for use by several threads.
 *
 * @param <T> what a line is
 */
public final class Ring<T> {
    private final Object[] slots;
    private long written;

    /**
     * @param capacity how many lines it keeps, from 1
     */
    public Ring(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("a ring keeps at least one line");
        }
        slots = new Object[capacity];
    }

    /** Adds a line; the oldest one makes room for it. */
    public void add(T line) {
        slots[(int) (written++ % slots.length)] = line;
    }

    public int capacity() {
        return slots.length;
    }

    public int size() {
        return (int) Math.min(written, slots.length);
    }

    /** How many lines were ever added. */
    public long written() {
        return written;
    }

    /**
     * The newest lines, oldest of them first.
     *
     * @param count how many at most; 0 or less is none
     */
    public List<T> last(long count) {
        int wanted = (int) Math.max(0, Math.min(count, size()));
        var lines = new ArrayList<T>(wanted);
        for (long i = written - wanted; i < written; i++) {
            lines.add(slot(i));
        }
        return lines;
    }

    @SuppressWarnings("unchecked")
    private T slot(long index) {
        return (T) slots[(int) (index % slots.length)];
    }
}
