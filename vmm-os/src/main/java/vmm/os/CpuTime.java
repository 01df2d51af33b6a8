package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** CPU time of this process and of nobody, in nanoseconds. Any thread. */
public final class CpuTime {
    private static final int PROCESS = 2;

    /** /proc/stat counts in USER_HZ, which is 100 on every Linux. */
    private static final long TICK_NANOS = 10_000_000;

    private static final MethodHandle GET_TIME = Libc.errno("clock_gettime", -1, JAVA_INT, ADDRESS);

    private CpuTime() {}

    public static long ofThisProcess() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(JAVA_LONG, 2);
            Libc.check("clock_gettime", s -> (int) GET_TIME.invokeExact(s, PROCESS, time));
            return (time.getAtIndex(JAVA_LONG, 0) * 1_000_000_000L) + time.getAtIndex(JAVA_LONG, 1);
        }
    }

    /** What all CPUs together had nothing to do, since boot. */
    public static long idle() throws IOException {
        String all = KernelFile.read(Path.of("/proc/stat"));
        // "cpu  user nice system idle ...": two spaces after the word.
        return Long.parseLong(all.substring(0, all.indexOf('\n')).split(" +", -1)[4]) * TICK_NANOS;
    }
}
