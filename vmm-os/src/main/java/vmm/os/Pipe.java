package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** A pipe from a child to this process. One thread. */
public final class Pipe implements AutoCloseable {
    private static final MethodHandle PIPE = Libc.errno("pipe2", -1, ADDRESS, JAVA_INT);

    private final int reading;
    private final int writing;

    private Pipe(int reading, int writing) {
        this.reading = reading;
        this.writing = writing;
    }

    public static Pipe open() throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(JAVA_INT, 2);
            Libc.check("cannot make a pipe", s -> (int) PIPE.invokeExact(s, ends, Libc.O_CLOEXEC));
            return new Pipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
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
