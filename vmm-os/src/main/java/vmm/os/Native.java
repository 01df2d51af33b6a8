package vmm.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;

/**
 * C functions and system calls, called by address and by number with up to six numbers or
 * addresses.
 *
 * <p>On x86_64 through {@link NativeLibrary}: a handle of {@code java.lang.foreign} costs each
 * start tens of milliseconds and three hundred classes. Elsewhere through {@link LinkedCalls}. Any
 * thread, but what blocks wants a platform thread; memory that is passed must live until the call
 * is over.
 */
public final class Native {
    /** Names the library of a distribution; without it one is written for this process. */
    private static final String FILE = "vmm.native";

    private static final boolean DIRECT = Machine.isX86();

    static {
        if (DIRECT) {
            load();
            errnoIsToldBy(firstOf("__errno_location", "__error"));
        }
    }

    private Native() {}

    @SuppressWarnings("restricted")
    private static void load() {
        String file = System.getProperty(FILE, "");
        if (!file.isEmpty()) {
            System.load(file);
            return;
        }
        try {
            Path own = Files.createTempFile("vmm-native", ".so");
            try {
                Files.write(own, NativeLibrary.bytes());
                System.load(own.toString());
            } finally {
                Files.delete(own);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long firstOf(String name, String other) {
        long address = address(name);
        return address == 0 ? address(other) : address;
    }

    /**
     * The address of a function of the C library.
     *
     * @throws NoSuchElementException if it has none of that name
     */
    public static long function(String name) {
        long address = DIRECT ? address(name) : LinkedCalls.address(name);
        if (address == 0) {
            throw new NoSuchElementException("the C library has no " + name);
        }
        return address;
    }

    private static long address(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer text = ByteBuffer.allocateDirect(bytes.length + 1).put(0, bytes);
        try {
            return symbol(addressOf(text));
        } finally {
            Reference.reachabilityFence(text);
        }
    }

    /** Where a direct buffer begins, whatever its position is. */
    public static long address(ByteBuffer memory) {
        return DIRECT ? addressOf(memory) : LinkedCalls.addressOf(memory);
    }

    /**
     * A view of memory that somebody else allocated and frees.
     *
     * @param bytes at most 2 GiB - 1
     */
    public static ByteBuffer memory(long address, long bytes) {
        ByteBuffer view = DIRECT ? memoryAt(address, bytes) : LinkedCalls.memoryAt(address, bytes);
        return view.order(ByteOrder.nativeOrder());
    }

    /** What a function that gives an int gives, or errno, negated, where that is -1. */
    public static int call(long function, long a, long b, long c, long d, long e, long f) {
        return DIRECT
                ? intCall(function, a, b, c, d, e, f)
                : LinkedCalls.intCall(function, a, b, c, d, e, f);
    }

    public static int call(long function, long a) {
        return call(function, a, 0, 0, 0, 0, 0);
    }

    public static int call(long function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0);
    }

    public static int call(long function, long a, long b, long c) {
        return call(function, a, b, c, 0, 0, 0);
    }

    public static int call(long function, long a, long b, long c, long d) {
        return call(function, a, b, c, d, 0, 0);
    }

    /** As {@link #call}, of a function that gives a long or an address. */
    public static long callLong(long function, long a, long b, long c, long d, long e, long f) {
        return DIRECT
                ? longCall(function, a, b, c, d, e, f)
                : LinkedCalls.longCall(function, a, b, c, d, e, f);
    }

    /** What the kernel gives: a negated error number where it refuses. */
    public static long systemCall(long number, long a, long b, long c, long d, long e, long f) {
        return DIRECT
                ? directCall(number, a, b, c, d, e, f)
                : LinkedCalls.systemCall(number, a, b, c, d, e, f);
    }

    private static native long symbol(long name);

    private static native void errnoIsToldBy(long function);

    private static native int intCall(
            long function, long a, long b, long c, long d, long e, long f);

    private static native long longCall(
            long function, long a, long b, long c, long d, long e, long f);

    private static native long addressOf(ByteBuffer memory);

    private static native ByteBuffer memoryAt(long address, long bytes);

    private static native long directCall(
            long number, long a, long b, long c, long d, long e, long f);
}
