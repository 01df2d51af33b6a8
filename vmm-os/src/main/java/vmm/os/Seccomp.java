package vmm.os;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import vmm.os.CallTree.Step;

/**
 * Named filters of system calls. What a filter forbids fails with EPERM: a program that only asks
 * can go on.
 *
 * <p>A thread takes a filter before it starts the child, so a filter must leave it what starting
 * and ending need.
 */
public enum Seccomp {
    /** No mounts, namespaces, kernel modules, tracing, keys, clocks, devices, other processors. */
    DEFAULT,
    /**
     * As default, and no sockets that reach anybody, no System V objects, no other size of a file:
     * for no JVM.
     */
    TENDER;

    /**
     * Sockets but for {@link #TAP_SOCKETS}, System V objects, message queues, watches, policies,
     * sizes of files, writing out all disks.
     */
    private static final List<Integer> OF_NO_TENDER =
            List.of(
                    29, 30, 31, 42, 43, 46, 50, 53, 54, 64, 65, 66, 68, 69, 70, 71, 76, 77, 162,
                    220, 237, 238, 239, 240, 241, 253, 254, 285, 288, 294, 306, 307);

    /**
     * Everything that reaches beyond the process, or off the processors that it was given, in the
     * numbers of x86-64.
     */
    private static final List<Integer> BEYOND =
            List.of(
                    101, 103, 133, 139, 153, 154, 155, 156, 159, 161, 163, 164, 165, 166, 167, 168,
                    169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 203, 212, 227, 246,
                    248, 249, 250, 256, 259, 272, 279, 298, 300, 301, 303, 304, 305, 308, 310, 311,
                    312, 313, 320, 321, 323, 424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434,
                    438, 440, 442, 443, 448);

    private static final int SOCKET = 41;
    private static final int SENDTO = 44;
    private static final int BIND = 49;
    private static final int AF_INET = 2;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_RAW = 3;
    private static final int SOCKET_TYPES = 0xf;
    private static final int NETLINK_ADDRESS_BYTES = 12;
    private static final int CLONE = 56;
    private static final int PERSONALITY = 135;
    private static final int CLONE_3 = 435;

    /** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
    private static final int CLONE_NAMESPACES = 0x7E020000;

    private static final int LOAD = 0x20;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_ANY_BIT = 0x45;
    private static final int AND = 0x54;
    private static final int RETURN = 0x06;
    private static final Step ALLOW = new Step(RETURN, 0, 0, 0x7fff0000);
    private static final Step REFUSE = new Step(RETURN, 0, 0, 0x00050000 | 1);
    private static final Step NO_SUCH_CALL = new Step(RETURN, 0, 0, 0x00050000 | 38);
    private static final Step KILL = new Step(RETURN, 0, 0, 0x80000000);

    /** Calls of the x32 ABI have this bit and would pass by number. */
    private static final int X32 = 0x40000000;

    /**
     * What a tender asks of its tap: the list of interfaces by netlink, the MTU by an ioctl on a
     * UDP socket. Neither reaches anybody: an address of 12 bytes is netlink's and none of IP's.
     */
    private static final List<Step> TAP_SOCKETS =
            List.of(
                    new Step(LOAD, 0, 0, 32),
                    new Step(JUMP_EQUAL, 0, 9, 0),
                    new Step(LOAD, 0, 0, 16),
                    new Step(JUMP_EQUAL, 0, 3, AF_NETLINK),
                    new Step(LOAD, 0, 0, 24),
                    new Step(AND, 0, 0, SOCKET_TYPES),
                    new Step(JUMP_EQUAL, 5, 4, SOCK_RAW),
                    new Step(JUMP_EQUAL, 0, 3, AF_INET),
                    new Step(LOAD, 0, 0, 24),
                    new Step(AND, 0, 0, SOCKET_TYPES),
                    new Step(JUMP_EQUAL, 1, 0, SOCK_DGRAM),
                    REFUSE,
                    ALLOW);

    private static final int STEP_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SET_MODE_FILTER = 1;

    /** A filter as the kernel takes it (struct sock_fprog), in memory that is never closed. */
    private record Program(Memory memory, long address) {}

    /** Made once. */
    private static final class Ready {
        static final Map<Seccomp, Program> PROGRAMS = new EnumMap<>(Seccomp.class);

        static {
            for (Seccomp filter : values()) {
                PROGRAMS.put(filter, packed(filter.program()));
            }
        }
    }

    public static java.util.Optional<Seccomp> named(String name) {
        for (Seccomp filter : values()) {
            if (filter.name().equalsIgnoreCase(name)) {
                return java.util.Optional.of(filter);
            }
        }
        return java.util.Optional.empty();
    }

    /** The calling thread and its children gain no privilege by what they run. */
    static void noNewPrivileges() throws Errno {
        Libc.prctl("cannot set no_new_privs", PR_SET_NO_NEW_PRIVS, 1, 0);
    }

    /** Makes it ready, for a thread that will be where no class can be loaded. */
    long ready() {
        return Objects.requireNonNull(Ready.PROGRAMS.get(this)).address();
    }

    /** Puts the filter on the calling thread, for ever. */
    void apply() throws IOException {
        if (!Machine.isX86()) {
            throw new IOException("seccomp filters are known for x86-64 only");
        }
        noNewPrivileges();
        Libc.systemCall(
                "cannot set the seccomp filter " + name(),
                Machine.current().seccomp(),
                SET_MODE_FILTER,
                0,
                ready(),
                0);
    }

    private static Program packed(List<Step> steps) {
        int bytes = STEP_BYTES * steps.size();
        Memory memory = Memory.open(bytes + PROGRAM_BYTES);
        long code = memory.zeroed(bytes);
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            long at = code + ((long) STEP_BYTES * i);
            memory.setShort(at, step.code());
            memory.setByte(at + 2, step.whenTrue());
            memory.setByte(at + 3, step.whenFalse());
            memory.setInt(at + 4, step.value());
        }
        long program = memory.zeroed(PROGRAM_BYTES);
        memory.setShort(program, steps.size());
        memory.setLong(program + 8, code);
        return new Program(memory, program);
    }

    List<Step> program() {
        var answers = new HashMap<Integer, List<Step>>();
        BEYOND.forEach(number -> answers.put(number, List.of(REFUSE)));
        if (this == TENDER) {
            OF_NO_TENDER.forEach(number -> answers.put(number, List.of(REFUSE)));
            answers.put(SOCKET, TAP_SOCKETS);
            answers.put(SENDTO, onlyNetlink(56));
            answers.put(BIND, onlyNetlink(32));
        }
        // Its flags are behind a pointer: without it programs fall back to clone.
        answers.put(CLONE_3, List.of(NO_SUCH_CALL));
        // Tenders ask what their personality is, and may not change it.
        answers.put(
                PERSONALITY,
                List.of(new Step(LOAD, 0, 0, 16), new Step(JUMP_EQUAL, 0, 1, -1), ALLOW, REFUSE));
        answers.put(
                CLONE,
                List.of(
                        new Step(LOAD, 0, 0, 16),
                        new Step(JUMP_ANY_BIT, 0, 1, CLONE_NAMESPACES),
                        REFUSE,
                        ALLOW));
        var steps = new ArrayList<Step>();
        steps.add(new Step(LOAD, 0, 0, 4));
        steps.add(new Step(JUMP_EQUAL, 1, 0, Machine.current().audit()));
        steps.add(KILL);
        steps.add(new Step(LOAD, 0, 0, 0));
        steps.addAll(new CallTree(List.of(ALLOW), answers, X32, List.of(NO_SUCH_CALL)).steps());
        return steps;
    }

    private static List<Step> onlyNetlink(int addressLength) {
        return List.of(
                new Step(LOAD, 0, 0, addressLength),
                new Step(JUMP_EQUAL, 0, 1, NETLINK_ADDRESS_BYTES),
                ALLOW,
                REFUSE);
    }
}
