package vmm.os;

import java.io.IOException;

/** A system call failed. */
public final class Errno extends IOException {
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int ECHILD = 10;
    public static final int EEXIST = 17;
    public static final int EINVAL = 22;
    public static final int ENODEV = 19;

    private static final long serialVersionUID = 1;

    private final int number;

    public Errno(String what, int number) {
        super(what + ": " + Libc.strerror(number));
        this.number = number;
    }

    /** The same failure, told on another thread. */
    Errno(Errno other) {
        super(other.getMessage(), other);
        number = other.number;
    }

    public int number() {
        return number;
    }
}
