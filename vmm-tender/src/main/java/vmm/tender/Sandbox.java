package vmm.tender;

import java.nio.ByteBuffer;

/**
 * The walls around the tender, closed before the guest's first instruction.
 *
 * <p>All threads lose their capabilities, can gain none, and have only the system calls that
 * running a guest and the JVM need. Another one ends the process; a few that the JVM makes when it
 * looks something up fail instead.
 */
final class Sandbox {
    private static final long NOBODY = 65_534;
    private static final long PR_SET_NO_NEW_PRIVS = 38;
    private static final long SET_MODE_FILTER = 1;
    private static final long TSYNC = 1;
    private static final int X86_64 = 0xc000003e;
    private static final int KILL_PROCESS = 0x80000000;
    private static final int ALLOW = 0x7fff0000;
    private static final int FAIL = 0x00050000;
    private static final int EACCES = 13;
    private static final int ENOSYS = 38;
    private static final int CLONE = 56;
    private static final int CLONE3 = 435;
    private static final int CLONE_THREAD = 0x10000;
    private static final int IOCTL = 16;
    private static final int PRCTL = 157;
    private static final int PR_SET_NAME = 15;
    private static final int PR_SET_VMA = 0x53564d41;
    private static final int JVM_DESCRIPTORS_MAX = 16;
    private static final int PATH_BYTES_MAX = 4096;

    /**
     * By number: read write close poll lseek mmap mprotect munmap brk rt_sig* pread pwrite
     * sched_yield mremap madvise nanosleep getpid exit gettimeofday getrusage sysinfo times …
     */
    private static final int[] ALLOWED = {
        0, 1, 3, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 24, 25, 28, 35, 39, 60, 96, 98, 99, 100,
        131, 158, 186, 202, 204, 219, 228, 229, 230, 231, 234, 271, 273, 309, 324, 334,
    };

    /** open stat fstat lstat access getdents readlink openat newfstatat statx … by number. */
    private static final int[] FAILING = {
        2, 4, 5, 6, 21, 79, 87, 89, 97, 137, 217, 257, 262, 263, 267, 302, 332, 439,
    };

    private final Kernel kernel;
    private int count;

    private Sandbox(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Closes all descriptors but stdin, stdout, stderr, {@code kept} and the JVM's own, then the
     * rest of the walls.
     *
     * @param kept descriptors; negative ones are ignored
     */
    static void enter(Kernel kernel, long[] kept) throws Failure {
        var sandbox = new Sandbox(kernel);
        sandbox.closeOthers(kept);
        sandbox.dropCapabilities();
        if (kernel.call(Kernel.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0) < 0) {
            throw Failure.of("no_new_privs cannot be set");
        }
        sandbox.filter();
        sandbox.install();
    }

    /** Does what can be done without closing a wall, for the start-up cache. */
    static void rehearse(Kernel kernel, long[] kept) {
        var sandbox = new Sandbox(kernel);
        contains(kept, 0);
        sandbox.isClassFile(0, "/");
        sandbox.filter();
    }

    private void closeOthers(long[] kept) throws Failure {
        long last = 2;
        for (long descriptor : kept) {
            last = Math.max(last, descriptor);
        }
        last += JVM_DESCRIPTORS_MAX;
        String home = System.getProperty("java.home", "/");
        long next = 3;
        for (long descriptor = 3; descriptor < last; descriptor++) {
            if (contains(kept, descriptor) || isClassFile(descriptor, home)) {
                closeRange(next, descriptor - 1);
                next = descriptor + 1;
            }
        }
        closeRange(next, 0xffffffffL);
    }

    /** By hand: sorting would load a dozen classes at every start. */
    private static boolean contains(long[] descriptors, long wanted) {
        for (long descriptor : descriptors) {
            if (descriptor == wanted) {
                return true;
            }
        }
        return false;
    }

    /** The JVM reads its classes, at any time, from files that it holds open. */
    private boolean isClassFile(long descriptor, String home) {
        long path = Kernel.text("/proc/self/fd/" + descriptor);
        long got = kernel.call(Kernel.READLINK, path, kernel.scratchAddress(), PATH_BYTES_MAX);
        if (got <= 0) {
            return false;
        }
        byte[] bytes = new byte[(int) got];
        kernel.scratch().get(0, bytes);
        String target = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        return target.startsWith(home + "/lib/") || target.endsWith(".jar");
    }

    private void closeRange(long from, long to) throws Failure {
        if (from <= to && kernel.call(Kernel.CLOSE_RANGE, from, to, 0) < 0) {
            throw Failure.of("descriptors cannot be closed");
        }
    }

    /** Root becomes nobody, in all threads; others have capabilities only if someone gave some. */
    private void dropCapabilities() throws Failure {
        if (kernel.call(Kernel.GETEUID, 0, 0, 0) == 0 && !kernel.becomeUser(NOBODY)) {
            throw Failure.of("privileges cannot be dropped");
        }
        kernel.cleared(64).putInt(0, 0x20080522);
        long header = kernel.scratchAddress();
        if (kernel.call(Kernel.CAPSET, header, header + 16, 0) < 0) {
            throw Failure.of("capabilities cannot be dropped");
        }
    }

    private void filter() {
        load(4);
        jumpUnless(X86_64, 1);
        jump(1);
        end(KILL_PROCESS);
        load(0);
        for (int number : ALLOWED) {
            jumpUnless(number, 1);
            end(ALLOW);
        }
        for (int number : FAILING) {
            jumpUnless(number, 1);
            end(FAIL | EACCES);
        }
        // The C library falls back from clone3, whose flags no filter can see, to clone.
        jumpUnless(CLONE3, 1);
        end(FAIL | ENOSYS);
        allowWith(IOCTL, 24, (int) Machine.KVM_RUN, (int) Machine.KVM_GET_REGS);
        allowWith(PRCTL, 16, PR_SET_NAME, PR_SET_VMA);
        jumpUnless(CLONE, 3);
        load(16);
        instruction(0x45, 0, 1, CLONE_THREAD);
        end(ALLOW);
        end(KILL_PROCESS);
    }

    /** For all threads at once. */
    private void install() throws Failure {
        long program = kernel.scratchAddress();
        kernel.scratch().putLong(8192, count).putLong(8200, program);
        long done = kernel.call(Kernel.SECCOMP, SET_MODE_FILTER, TSYNC, program + 8192);
        if (done != 0) {
            throw Failure.of("seccomp(SECCOMP_SET_MODE_FILTER) failed", Math.min(done, -1));
        }
    }

    private void allowWith(int number, int argumentAt, int one, int other) {
        jumpUnless(number, 6);
        load(argumentAt);
        jumpUnless(one, 1);
        end(ALLOW);
        jumpUnless(other, 1);
        end(ALLOW);
        end(KILL_PROCESS);
    }

    private void load(int offset) {
        instruction(0x20, 0, 0, offset);
    }

    private void jump(int over) {
        instruction(0x05, 0, 0, over);
    }

    private void jumpUnless(int value, int over) {
        instruction(0x15, 0, over, value);
    }

    private void end(int action) {
        instruction(0x06, 0, 0, action);
    }

    private void instruction(int code, int then, int otherwise, int value) {
        ByteBuffer program = kernel.scratch();
        program.putShort(count * 8, (short) code);
        program.put((count * 8) + 2, (byte) then).put((count * 8) + 3, (byte) otherwise);
        program.putInt((count * 8) + 4, value);
        count++;
    }
}
