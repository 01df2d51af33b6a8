package vmm.wire;

import java.lang.reflect.Method;

/** How much this thread has allocated on the heap; the module under test reads no management. */
public final class Allocation {
    private static final Object THREADS;
    private static final Method BYTES;

    static {
        try {
            THREADS =
                    Class.forName("java.lang.management.ManagementFactory")
                            .getMethod("getThreadMXBean")
                            .invoke(null);
            BYTES =
                    Class.forName("com.sun.management.ThreadMXBean")
                            .getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException missing) {
            throw new LinkageError("every JDK has jdk.management", missing);
        }
    }

    private Allocation() {}

    public static long bytes() {
        try {
            return (long) BYTES.invoke(THREADS);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the counter can be read", e);
        }
    }
}
