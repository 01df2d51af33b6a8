package vmm.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel tells of a process (proc(5)). Any thread. */
public final class Processes {
    private static final int GROUP = 2;
    private static final int START = 19;

    private static final int RLIMIT_CORE = 4;
    private static final long SET_LIMIT = Native.function("setrlimit");

    private Processes() {}

    /** When it was started, in ticks since boot: with its pid it names it. 0 if it is gone. */
    public static long startTicks(int pid) {
        return field(pid, START);
    }

    /** Its process group, or 0 if it is gone. */
    public static long group(int pid) {
        return field(pid, GROUP);
    }

    private static long field(int pid, int index) {
        try {
            String stat = KernelFile.read(Path.of("/proc/" + pid + "/stat"));
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[index]);
        } catch (IOException gone) {
            return 0;
        }
    }

    /**
     * No core file of this process or of any child to be. Nobody may set it for a child of another
     * user afterwards.
     */
    public static void forbidCores() throws Errno {
        try (Memory memory = Memory.open()) {
            long none = memory.zeroed(2 * Long.BYTES);
            Libc.check(Native.call(SET_LIMIT, RLIMIT_CORE, none), "cannot forbid core files");
        }
    }

    public static boolean hasOwnMounts(int pid) throws IOException {
        return !Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/mnt"))
                .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")));
    }
}
