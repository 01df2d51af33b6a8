package vmm.os;

import java.nio.file.Path;

/** A pipe from a child to this process. One thread. */
public final class Pipe implements AutoCloseable {
    private static final long PIPE = Native.function("pipe2");

    private final int reading;
    private final int writing;

    private Pipe(int reading, int writing) {
        this.reading = reading;
        this.writing = writing;
    }

    public static Pipe open() throws Errno {
        try (Memory memory = Memory.open()) {
            long ends = memory.zeroed(2 * Integer.BYTES);
            Libc.check(Native.call(PIPE, ends, Libc.O_CLOEXEC), "cannot make a pipe");
            return new Pipe(memory.intAt(ends), memory.intAt(ends + Integer.BYTES));
        }
    }

    /** Where a child to be opens its end, while this is open. */
    public String writer() {
        return "/proc/self/fd/" + writing;
    }

    /** The other end; it outlives this and is closed by its reader. */
    public FifoSource reader(int bytes) throws Errno {
        return FifoSource.open(Path.of("/proc/self/fd/" + reading), bytes);
    }

    /** Closes both ends; a child's and a reader's are their own. */
    @Override
    public void close() throws Errno {
        Libc.close(reading);
        Libc.close(writing);
    }
}
