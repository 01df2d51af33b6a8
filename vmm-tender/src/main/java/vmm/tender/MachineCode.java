package vmm.tender;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The few instructions of x86_64 that the tender brings along: the handlers of two signals. They
 * are written into one page, which then can be run but no longer written.
 */
final class MachineCode {
    static final int PAGE_BYTES = 4096;
    private static final int HANDLER_BYTES = 128;
    private static final int MESSAGE_AT = 64;
    private static final int SIGNALS_MAX = 31;

    private MachineCode() {}

    /** {@code write(2, message, length); exit_group(1);} when {@code signal} comes. */
    static void writeHandler(ByteBuffer page, long pageAddress, int signal) {
        int at = handlerAt(signal);
        byte[] message =
                (Options.PROGRAM + ": Exiting on signal " + signal + "\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        page.put(at + MESSAGE_AT, message);
        ByteBuffer code = page.duplicate().order(page.order()).position(at);
        moveToEax(code, (int) Kernel.WRITE);
        moveToEdi(code, 2);
        code.put(bytes(0x48, 0xbe)).putLong(pageAddress + at + MESSAGE_AT); // mov rsi, …
        code.put((byte) 0xba).putInt(message.length); // mov edx, …
        code.put(bytes(0x0f, 0x05));
        moveToEax(code, (int) Kernel.EXIT_GROUP);
        moveToEdi(code, 1);
        code.put(bytes(0x0f, 0x05));
    }

    /** Where in the page the handler of {@code signal} is. */
    static int handlerAt(int signal) {
        if (signal < 1 || signal > SIGNALS_MAX) {
            throw new IllegalArgumentException("no signal: " + signal);
        }
        return (signal - 1) * HANDLER_BYTES;
    }

    private static void moveToEax(ByteBuffer code, int value) {
        code.put((byte) 0xb8).putInt(value);
    }

    private static void moveToEdi(ByteBuffer code, int value) {
        code.put((byte) 0xbf).putInt(value);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
