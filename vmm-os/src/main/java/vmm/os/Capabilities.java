package vmm.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The five capability sets of a thread, as bits (capabilities(7)). */
public record Capabilities(
        long ambient, long bounding, long effective, long inheritable, long permitted) {
    public static final Capabilities NONE = new Capabilities(0, 0, 0, 0, 0);

    private static final List<String> NAMES =
            List.of(
                    "CHOWN",
                    "DAC_OVERRIDE",
                    "DAC_READ_SEARCH",
                    "FOWNER",
                    "FSETID",
                    "KILL",
                    "SETGID",
                    "SETUID",
                    "SETPCAP",
                    "LINUX_IMMUTABLE",
                    "NET_BIND_SERVICE",
                    "NET_BROADCAST",
                    "NET_ADMIN",
                    "NET_RAW",
                    "IPC_LOCK",
                    "IPC_OWNER",
                    "SYS_MODULE",
                    "SYS_RAWIO",
                    "SYS_CHROOT",
                    "SYS_PTRACE",
                    "SYS_PACCT",
                    "SYS_ADMIN",
                    "SYS_BOOT",
                    "SYS_NICE",
                    "SYS_RESOURCE",
                    "SYS_TIME",
                    "SYS_TTY_CONFIG",
                    "MKNOD",
                    "LEASE",
                    "AUDIT_WRITE",
                    "AUDIT_CONTROL",
                    "SETFCAP",
                    "MAC_OVERRIDE",
                    "MAC_ADMIN",
                    "SYSLOG",
                    "WAKE_ALARM",
                    "BLOCK_SUSPEND",
                    "AUDIT_READ",
                    "PERFMON",
                    "BPF",
                    "CHECKPOINT_RESTORE");

    private static final Path LAST = Path.of("/proc/sys/kernel/cap_last_cap");

    /** What {@link #LAST} says, or -1 while nobody has read it. */
    private static volatile long last = -1;

    private static final int VERSION_3 = 0x20080522;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int AMBIENT_RAISE = 2;
    private static final int AMBIENT_CLEAR_ALL = 4;

    /** The bit of a capability, whose name may have CAP_ before it and be in any case. */
    public static Optional<Long> bit(String name) {
        String plain = name.toUpperCase(Locale.ROOT);
        int at = NAMES.indexOf(plain.startsWith("CAP_") ? plain.substring(4) : plain);
        return at < 0 ? Optional.empty() : Optional.of(1L << at);
    }

    private static long last() throws IOException {
        long known = last;
        if (known < 0) {
            known = KernelFile.number(LAST);
            last = known;
        }
        return known;
    }

    /** Takes away from the calling thread what it may never have again. Before the user changes. */
    void limitBounding(boolean changesUser) throws IOException {
        long last = last();
        for (int cap = 0; cap <= last; cap++) {
            if ((bounding & (1L << cap)) == 0) {
                Libc.prctl("cannot drop capabilities", PR_CAPBSET_DROP, cap, 0);
            }
        }
        if (changesUser && permitted != 0) {
            Libc.prctl("cannot keep capabilities", PR_SET_KEEPCAPS, 1, 0);
        }
    }

    /** Gives the calling thread these sets. After the user has changed. */
    void apply() throws Errno {
        try (Memory memory = Memory.open()) {
            long header = memory.zeroed(2 * Integer.BYTES);
            memory.setInt(header, VERSION_3);
            long data = memory.zeroed(6 * Integer.BYTES);
            for (int half = 0; half < 2; half++) {
                int shift = 32 * half;
                long at = data + (3L * Integer.BYTES * half);
                memory.setInt(at, (int) (effective >> shift));
                memory.setInt(at + 4, (int) (permitted >> shift));
                memory.setInt(at + 8, (int) (inheritable >> shift));
            }
            long capset = Machine.current().capset();
            Libc.systemCall("cannot set capabilities", capset, header, data, 0, 0);
        }
        Libc.prctl("cannot clear ambient capabilities", PR_CAP_AMBIENT, AMBIENT_CLEAR_ALL, 0);
        for (int cap = 0; cap < NAMES.size(); cap++) {
            if ((ambient & (1L << cap)) != 0) {
                Libc.prctl(
                        "cannot raise ambient capability " + NAMES.get(cap),
                        PR_CAP_AMBIENT,
                        AMBIENT_RAISE,
                        cap);
            }
        }
    }
}
