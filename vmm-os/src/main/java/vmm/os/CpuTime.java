package vmm.os;

import java.io.IOException;
import java.nio.file.Path;

/** CPU time of this process and of nobody, in nanoseconds. Any thread. */
public final class CpuTime {
    private static final int PROCESS = 2;

    /** /proc/stat counts in USER_HZ, which is 100 on every Linux. */
    private static final long TICK_NANOS = 10_000_000;

    private static final long GET_TIME = Native.function("clock_gettime");

    private CpuTime() {}

    public static long ofThisProcess() throws IOException {
        try (Memory memory = Memory.open()) {
            long time = memory.zeroed(2 * Long.BYTES);
            Libc.check(Native.call(GET_TIME, PROCESS, time), "clock_gettime");
            return (memory.longAt(time) * 1_000_000_000L) + memory.longAt(time + Long.BYTES);
        }
    }

    /** What all CPUs together had nothing to do, since boot. */
    public static long idle() throws IOException {
        String all = KernelFile.read(Path.of("/proc/stat"));
        // "cpu  user nice system idle ...": two spaces after the word.
        return Long.parseLong(all.substring(0, all.indexOf('\n')).split(" +", -1)[4]) * TICK_NANOS;
    }
}
