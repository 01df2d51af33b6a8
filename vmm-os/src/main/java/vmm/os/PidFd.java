package vmm.os;

/** Descriptors of processes, and of what they have open. x86_64 and arm64 number these alike. */
public final class PidFd {
    private static final long PIDFD_OPEN = 434;
    private static final long PIDFD_GETFD = 438;

    private PidFd() {}

    public static int open(long pid) throws Errno {
        return (int) Libc.systemCall("cannot hold process " + pid, PIDFD_OPEN, pid, 0, 0, 0);
    }

    /** A copy of descriptor {@code fd} of the process that {@code pidfd} holds. */
    public static int copyOf(int pidfd, int fd) throws Errno {
        return (int) Libc.systemCall("cannot copy descriptor " + fd, PIDFD_GETFD, pidfd, fd, 0, 0);
    }
}
