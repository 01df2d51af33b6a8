package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/** Which of many descriptors can be read. Any thread adds; one waits. */
final class Epoll {
    private static final int EPOLLIN = 1;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int EVENT_BYTES = 12;
    private static final int EVENTS_MAX = 64;

    private static final java.lang.foreign.ValueLayout.OfLong DATA =
            JAVA_LONG.withByteAlignment(1).withOrder(ByteOrder.nativeOrder());
    private static final MethodHandle CREATE = Libc.errno("epoll_create1", -1, JAVA_INT);
    private static final MethodHandle CTL =
            Libc.errno("epoll_ctl", -1, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle WAIT =
            Libc.errno("epoll_wait", -1, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

    private final int fd;

    Epoll() throws Errno {
        fd = (int) Libc.check("epoll_create1", s -> (int) CREATE.invokeExact(s, Libc.O_CLOEXEC));
    }

    void add(int descriptor) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, 8);
            event.set(JAVA_INT, 0, EPOLLIN);
            event.set(DATA, 4, descriptor);
            Libc.check(
                    "cannot watch descriptor " + descriptor,
                    s -> (int) CTL.invokeExact(s, fd, CTL_ADD, descriptor, event));
        }
    }

    /**
     * Stops watching a descriptor and closes it. Closing alone is not enough: while a child that is
     * being made holds a copy, the kernel goes on to tell of it under its number, which is someone
     * else's by then.
     */
    void close(int descriptor) throws Errno {
        try {
            Libc.check(
                    "cannot stop watching descriptor " + descriptor,
                    s -> (int) CTL.invokeExact(s, fd, CTL_DEL, descriptor, MemorySegment.NULL));
        } catch (Errno e) {
            if (e.number() != Errno.ENOENT) {
                throw e;
            }
        } finally {
            Libc.close(descriptor);
        }
    }

    /** Descriptors that can be read, or none when the time is over. */
    int[] await(int millis) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate((long) EVENT_BYTES * EVENTS_MAX, 8);
            int ready =
                    (int)
                            Libc.check(
                                    "epoll_wait",
                                    s -> (int) WAIT.invokeExact(s, fd, events, EVENTS_MAX, millis));
            var found = new int[ready];
            for (int i = 0; i < ready; i++) {
                found[i] = (int) events.get(DATA, ((long) EVENT_BYTES * i) + 4);
            }
            return found;
        } catch (Errno e) {
            if (e.number() == Errno.EINTR) {
                return new int[0];
            }
            throw e;
        }
    }

    void close() throws Errno {
        Libc.close(fd);
    }
}
