package vmm.tender;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * System calls of Linux on x86_64, by number.
 *
 * <p>All go through one native call into {@link MachineCode}, and memory is reached through byte
 * buffers: every further handle costs milliseconds of start-up. An instance serves one thread.
 */
final class Kernel {
    static final long READ = 0;
    static final long WRITE = 1;
    static final long OPEN = 2;
    static final long CLOSE = 3;
    static final long POLL = 7;
    static final long LSEEK = 8;
    static final long MMAP = 9;
    static final long MPROTECT = 10;
    static final long RT_SIGACTION = 13;
    static final long IOCTL = 16;
    static final long PREAD = 17;
    static final long PWRITE = 18;
    static final long GETPID = 39;
    static final long SOCKET = 41;
    static final long READLINK = 89;
    static final long GETEUID = 107;
    static final long CAPSET = 126;
    static final long PRCTL = 157;
    static final long GETTID = 186;
    static final long CLOCK_GETTIME = 228;
    static final long EXIT_GROUP = 231;
    static final long TGKILL = 234;
    static final long PPOLL = 271;
    static final long SECCOMP = 317;
    static final long GETRANDOM = 318;
    static final long CLOSE_RANGE = 436;

    static final long O_RDWR = 2;
    static final long O_NONBLOCK = 0x800;
    static final long O_CLOEXEC = 0x80000;
    static final long EINTR = -4;
    static final long EBADF = -9;
    static final long EAGAIN = -11;
    static final long EFAULT = -14;
    static final long EPIPE = -32;

    private static final int SCRATCH_BYTES = 16_384;
    private static final long READ_AND_WRITE = 3;
    private static final long READ_AND_EXECUTE = 5;
    private static final long PRIVATE_ANONYMOUS = 0x22;

    /** One shape for all, not bound to an address: every further handle costs milliseconds. */
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG);

    @SuppressWarnings("restricted")
    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(SHAPE);

    @SuppressWarnings("unchecked")
    private static final Native<RuntimeException> NATIVE =
            (Native<RuntimeException>) (Native<?>) new Exact();

    private final long code;
    private final MemorySegment systemCall;
    private final ByteBuffer scratch =
            ByteBuffer.allocateDirect(SCRATCH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final long scratchAddress = MemorySegment.ofBuffer(scratch).address();

    /** Writes the page of machine code, with the signal handlers of {@link Stopping}. */
    Kernel() throws Failure {
        MemorySegment syscall = libraryFunction("syscall");
        long size = MachineCode.PAGE_BYTES;
        code = NATIVE.call(syscall, MMAP, 0, size, READ_AND_WRITE, PRIVATE_ANONYMOUS, -1, 0);
        if (code == -1) {
            throw Failure.of("No memory for machine code");
        }
        ByteBuffer page = view(code, size);
        MachineCode.writeSystemCall(page);
        MachineCode.writeHandler(page, code, Stopping.SIGTERM);
        MachineCode.writeHandler(page, code, Stopping.SIGINT);
        if (NATIVE.call(syscall, MPROTECT, code, size, READ_AND_EXECUTE, 0, 0, 0) != 0) {
            throw Failure.of("Machine code may not be run here");
        }
        systemCall = MemorySegment.ofAddress(code + MachineCode.SYSTEM_CALL_AT);
    }

    private static MemorySegment libraryFunction(String name) {
        return Linker.nativeLinker().defaultLookup().find(name).orElseThrow();
    }

    /** The address of the page of {@link MachineCode}. */
    long code() {
        return code;
    }

    /** What the call gives, or the negated error number. */
    long call(long number, long a, long b, long c, long d, long e, long f) {
        return NATIVE.call(systemCall, number, a, b, c, d, e, f);
    }

    long call(long number, long a, long b, long c) {
        return NATIVE.call(systemCall, number, a, b, c, 0, 0, 0);
    }

    /**
     * Takes user and group {@code id} in all threads, as glibc does it and a bare system call would
     * not.
     */
    boolean becomeUser(long id) {
        return library("setgroups", 0, 0, 0) == 0
                && library("setresgid", id, id, id) == 0
                && library("setresuid", id, id, id) == 0;
    }

    /** A function that gives a C int: the upper half of what comes back is undefined. */
    private static int library(String function, long a, long b, long c) {
        return (int) NATIVE.call(libraryFunction(function), a, b, c, 0, 0, 0, 0);
    }

    /** A native call: handles declare every Throwable, native code throws none. */
    private abstract static class Native<X extends Throwable> {
        abstract long call(
                MemorySegment function, long a, long b, long c, long d, long e, long f, long g)
                throws X;
    }

    private static final class Exact extends Native<Throwable> {
        @Override
        long call(MemorySegment function, long a, long b, long c, long d, long e, long f, long g)
                throws Throwable {
            return (long) CALL.invokeExact(function, a, b, c, d, e, f, g);
        }
    }

    /** Small memory for arguments, of this thread alone; its content does not last. */
    ByteBuffer scratch() {
        return scratch;
    }

    long scratchAddress() {
        return scratchAddress;
    }

    /** Zeroes the first {@code bytes} of the scratch memory. */
    ByteBuffer cleared(int bytes) {
        for (int i = 0; i < bytes; i++) {
            scratch.put(i, (byte) 0);
        }
        return scratch;
    }

    /** {@code text}, a byte a character and NUL-terminated, for as long as the process lives. */
    static long text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length + 1);
        memory.put(0, bytes);
        return addressForEver(memory);
    }

    /** The address of a direct buffer that will not be collected. */
    static long addressForEver(ByteBuffer memory) {
        KEPT.add(memory);
        return MemorySegment.ofBuffer(memory).address();
    }

    private static final java.util.ArrayList<ByteBuffer> KEPT = new java.util.ArrayList<>();

    /** A view of memory at an address of this process. */
    @SuppressWarnings("restricted")
    static ByteBuffer view(long address, long bytes) {
        return MemorySegment.ofAddress(address)
                .reinterpret(bytes, Arena.global(), null)
                .asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    long open(String path, long flags) {
        return call(OPEN, text(path), flags | O_CLOEXEC, 0);
    }

    /** Writes all of {@code text} to a descriptor; errors are nobody's business any more. */
    void tell(int descriptor, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long address = text(text);
        long done = 0;
        while (done < bytes.length) {
            long wrote = call(WRITE, descriptor, address + done, bytes.length - done);
            if (wrote < 0 && wrote != EINTR) {
                return;
            }
            done += Math.max(wrote, 0);
        }
    }

    /** Ends the process now, with all its threads. */
    void exit(int status) {
        call(EXIT_GROUP, status, 0, 0);
    }
}
