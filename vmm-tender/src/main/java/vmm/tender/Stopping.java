package vmm.tender;

import java.nio.ByteBuffer;

/**
 * What signals do to the tender: end it at once, whatever the guest or the JVM is doing.
 *
 * <p>SIGTERM and SIGINT run a few instructions of {@link MachineCode}, which write a message and
 * end the process: a handler in Java would need a new thread, classes and locks at the very moment
 * when nothing can be relied on, and some milliseconds.
 */
final class Stopping {
    private static final int SIGHUP = 1;
    static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    static final int SIGPIPE = 13;
    static final int SIGTERM = 15;
    private static final int ACTION_BYTES = 32;
    private static final long SA_RESTORER = 0x04000000;
    private static final long SA_ONSTACK = 0x08000000;

    private Stopping() {}

    /**
     * Takes over SIGTERM and SIGINT. SIGHUP, SIGQUIT and SIGPIPE get back the kernel's way of
     * ending a process, which the JVM has replaced by its own.
     */
    static void install(Kernel kernel) {
        action(kernel, SIGTERM, kernel.code() + MachineCode.handlerAt(SIGTERM));
        action(kernel, SIGINT, kernel.code() + MachineCode.handlerAt(SIGINT));
        action(kernel, SIGHUP, 0);
        action(kernel, SIGQUIT, 0);
        action(kernel, SIGPIPE, 0);
    }

    /** Sets a handler, or the default for 0. */
    private static void action(Kernel kernel, int signal, long handler) {
        ByteBuffer action = kernel.cleared(ACTION_BYTES);
        if (handler != 0) {
            action.putLong(0, handler).putLong(8, SA_RESTORER | SA_ONSTACK).putLong(16, handler);
        }
        kernel.call(Kernel.RT_SIGACTION, signal, kernel.scratchAddress(), 0, 8, 0, 0);
    }

    /** Ends the process as a write into a pipe without a reader does, unless that is blocked. */
    static void likeBrokenPipe(Kernel kernel) {
        long process = kernel.call(Kernel.GETPID, 0, 0, 0);
        kernel.call(Kernel.TGKILL, process, kernel.call(Kernel.GETTID, 0, 0, 0), SIGPIPE);
    }
}
