package vmm.os;

/** Which of many descriptors can be read. Any thread adds; one waits. */
final class Epoll {
    private static final int EPOLLIN = 1;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int EVENT_BYTES = 12;
    private static final int EVENTS_MAX = 64;

    private static final long CREATE = Native.function("epoll_create1");
    private static final long CTL = Native.function("epoll_ctl");
    private static final long WAIT = Native.function("epoll_wait");

    private final int fd;

    Epoll() throws Errno {
        fd = Libc.check(Native.call(CREATE, Libc.O_CLOEXEC), "epoll_create1");
    }

    void add(int descriptor) throws Errno {
        try (Memory memory = Memory.open()) {
            long event = memory.zeroed(EVENT_BYTES);
            memory.setInt(event, EPOLLIN);
            memory.setLong(event + 4, descriptor);
            Libc.check(
                    Native.call(CTL, fd, CTL_ADD, descriptor, event),
                    "cannot watch descriptor ",
                    descriptor);
        }
    }

    /**
     * Stops watching a descriptor and closes it. Closing alone is not enough: while a child that is
     * being made holds a copy, the kernel goes on to tell of it under its number, which is someone
     * else's by then.
     */
    void close(int descriptor) throws Errno {
        try {
            int result = Native.call(CTL, fd, CTL_DEL, descriptor, 0);
            if (result != -Errno.ENOENT) {
                Libc.check(result, "cannot stop watching descriptor ", descriptor);
            }
        } finally {
            Libc.close(descriptor);
        }
    }

    /** Descriptors that can be read, or none when the time is over. */
    int[] await(int millis) throws Errno {
        try (Memory memory = Memory.open()) {
            long events = memory.zeroed(EVENT_BYTES * EVENTS_MAX);
            int result = Native.call(WAIT, fd, events, EVENTS_MAX, millis);
            int ready = result == -Errno.EINTR ? 0 : Libc.check(result, "epoll_wait");
            var found = new int[ready];
            for (int i = 0; i < ready; i++) {
                found[i] = (int) memory.longAt(events + ((long) EVENT_BYTES * i) + 4);
            }
            return found;
        }
    }

    void close() throws Errno {
        Libc.close(fd);
    }
}
