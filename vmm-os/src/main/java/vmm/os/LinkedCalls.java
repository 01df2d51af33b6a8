package vmm.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/** What {@link Native} calls where there is no machine code of its own. */
@SuppressWarnings("restricted")
final class LinkedCalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
    private static final FunctionDescriptor SEVEN_NUMBERS =
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle CALL =
            LINKER.downcallHandle(SEVEN_NUMBERS, Linker.Option.captureCallState("errno"));
    private static final long SYSCALL = address("syscall");

    private LinkedCalls() {}

    static long address(String name) {
        return LINKER.defaultLookup().find(name).map(MemorySegment::address).orElse(0L);
    }

    static long addressOf(ByteBuffer memory) {
        return MemorySegment.ofBuffer(memory.duplicate().clear()).address();
    }

    static ByteBuffer memoryAt(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes).asByteBuffer();
    }

    static int intCall(long function, long a, long b, long c, long d, long e, long f) {
        return (int) call(function, true, a, b, c, d, e, f, 0);
    }

    static long longCall(long function, long a, long b, long c, long d, long e, long f) {
        return call(function, false, a, b, c, d, e, f, 0);
    }

    static long systemCall(long number, long a, long b, long c, long d, long e, long f) {
        return call(SYSCALL, false, number, a, b, c, d, e, f);
    }

    /** Handles declare every Throwable, native code throws none. */
    private interface Call<X extends Throwable> {
        long with(MemorySegment state) throws X;
    }

    @SuppressWarnings("unchecked")
    private static long call(
            long function, boolean isInt, long a, long b, long c, long d, long e, long f, long g) {
        MemorySegment code = MemorySegment.ofAddress(function);
        Call<Throwable> call = state -> (long) CALL.invokeExact(code, state, a, b, c, d, e, f, g);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = ((Call<RuntimeException>) (Call<?>) call).with(state);
            boolean failed = isInt ? (int) result == -1 : result == -1;
            return failed ? -(int) ERRNO.get(state, 0L) : result;
        }
    }
}
