package vmm.tender;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import vmm.os.Native;

/**
 * System calls of Linux on x86_64, by number.
 *
 * <p>Memory is reached through byte buffers: handles cost milliseconds of start-up. An instance
 * serves one thread.
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

    private final long code;
    private final ByteBuffer scratch =
            ByteBuffer.allocateDirect(SCRATCH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final long scratchAddress = Native.address(scratch);

    /** Writes the page of machine code: the signal handlers of {@link Stopping}. */
    Kernel() throws Failure {
        long size = MachineCode.PAGE_BYTES;
        code = call(MMAP, 0, size, READ_AND_WRITE, PRIVATE_ANONYMOUS, -1, 0);
        if (code < 0) {
            throw Failure.of("No memory for machine code");
        }
        ByteBuffer page = Native.memory(code, size);
        MachineCode.writeHandler(page, code, Stopping.SIGTERM);
        MachineCode.writeHandler(page, code, Stopping.SIGINT);
        if (call(MPROTECT, code, size, READ_AND_EXECUTE) != 0) {
            throw Failure.of("Machine code may not be run here");
        }
    }

    /** The address of the page of {@link MachineCode}. */
    long code() {
        return code;
    }

    /** What the call gives, or the negated error number. */
    long call(long number, long a, long b, long c, long d, long e, long f) {
        return Native.systemCall(number, a, b, c, d, e, f);
    }

    long call(long number, long a, long b, long c) {
        return Native.systemCall(number, a, b, c, 0, 0, 0);
    }

    /**
     * Takes user and group {@code id} in all threads, as glibc does it and a bare system call would
     * not.
     */
    boolean becomeUser(long id) {
        return Native.call(Native.function("setgroups"), 0, 0) == 0
                && Native.call(Native.function("setresgid"), id, id, id) == 0
                && Native.call(Native.function("setresuid"), id, id, id) == 0;
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
        return Native.address(memory);
    }

    private static final java.util.ArrayList<ByteBuffer> KEPT = new java.util.ArrayList<>();

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
