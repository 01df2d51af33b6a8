package vmm.tender;

import java.nio.ByteBuffer;

/**
 * What signals do to the tender: end it at once, whatever the guest or the JVM is doing.
 *
 * <p>SIGTERM and SIGINT run a few instructions of machine code, which write a message and end the
 * process: a handler in Java would need a new thread, classes and locks at the very moment when
 * nothing can be relied on, and some milliseconds.
 */
final class Stopping {
    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    private static final int SIGPIPE = 13;
    private static final int SIGTERM = 15;
    private static final int ACTION_BYTES = 32;
    private static final long SA_RESTORER = 0x04000000;
    private static final long SA_ONSTACK = 0x08000000;
    private static final int PAGE_BYTES = 4096;
    private static final int HANDLER_BYTES = 64;

    private Stopping() {}

    /**
     * Takes over SIGTERM and SIGINT. SIGHUP, SIGQUIT and SIGPIPE get back the kernel's way of
     * ending a process, which the JVM has replaced by its own.
     */
    static void install(Kernel kernel) throws Failure {
        long privateAnonymous = 0x22;
        long page = kernel.call(Kernel.MMAP, 0, PAGE_BYTES, 3, privateAnonymous, -1, 0);
        if (page < 0 && page > -PAGE_BYTES) {
            throw Failure.of("No memory for the signal handlers", page);
        }
        ByteBuffer code = Kernel.view(page, PAGE_BYTES);
        handler(code, 0, SIGTERM);
        handler(code, HANDLER_BYTES, SIGINT);
        long readAndExecute = 5;
        kernel.call(Kernel.MPROTECT, page, PAGE_BYTES, readAndExecute);
        action(kernel, SIGTERM, page);
        action(kernel, SIGINT, page + HANDLER_BYTES);
        action(kernel, SIGHUP, 0);
        action(kernel, SIGQUIT, 0);
        action(kernel, SIGPIPE, 0);
    }

    /** {@code write(2, message, length); exit_group(1);} */
    private static void handler(ByteBuffer code, int at, int signal) {
        String message = Options.PROGRAM + ": Exiting on signal " + signal + "\n";
        ByteBuffer c = code.slice(at, HANDLER_BYTES).order(code.order());
        moveToEax(c, (int) Kernel.WRITE);
        moveToEdi(c, 2);
        c.put((byte) 0x48).put((byte) 0xbe).putLong(Kernel.text(message));
        c.put((byte) 0xba).putInt(message.length());
        systemCall(c);
        moveToEax(c, (int) Kernel.EXIT_GROUP);
        moveToEdi(c, 1);
        systemCall(c);
    }

    private static void moveToEax(ByteBuffer code, int value) {
        code.put((byte) 0xb8).putInt(value);
    }

    private static void moveToEdi(ByteBuffer code, int value) {
        code.put((byte) 0xbf).putInt(value);
    }

    private static void systemCall(ByteBuffer code) {
        code.put((byte) 0x0f).put((byte) 0x05);
    }

    /** Sets a handler, or the default for 0. */
    private static void action(Kernel kernel, int signal, long handler) {
        ByteBuffer action = kernel.cleared(ACTION_BYTES);
        if (handler != 0) {
            action.putLong(0, handler).putLong(8, SA_RESTORER | SA_ONSTACK).putLong(16, handler);
        }
        kernel.call(Kernel.RT_SIGACTION, signal, kernel.scratchAddress(), 0, 8, 0, 0);
    }
}
