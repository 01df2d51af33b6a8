package vmm.os;

/**
 * The numbers of system calls that the C library hides or would make for all threads.
 *
 * @param audit what seccomp calls this machine
 */
record Machine(
        int audit,
        long setgroups,
        long setresgid,
        long setresuid,
        long capset,
        long pivotRoot,
        long seccomp) {
    private static final Machine X86_64 = new Machine(0xC000003E, 116, 119, 117, 126, 155, 317);
    private static final Machine AARCH64 = new Machine(0xC00000B7, 159, 149, 147, 91, 41, 277);

    static Machine current() {
        return isX86() ? X86_64 : AARCH64;
    }

    static boolean isX86() {
        return System.getProperty("os.arch", "").equals("amd64");
    }
}
