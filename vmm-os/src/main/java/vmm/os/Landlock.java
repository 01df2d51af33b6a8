package vmm.os;

import java.util.List;

/**
 * What a child may do with files, and that it reaches no TCP port, no abstract socket and no
 * process of others (landlock(7)). Everything may be read and executed: what there is to see is for
 * {@link Mounts}. A kernel that knows less keeps it from less.
 *
 * @param files that it may write
 * @param devices that it may write and control
 * @param folders where it may do anything
 */
public record Landlock(List<String> files, List<String> devices, List<String> folders) {
    private static final long CREATE_RULESET = 444;
    private static final long ADD_RULE = 445;
    private static final long RESTRICT_SELF = 446;
    private static final int ASK_VERSION = 1;
    private static final int PATH_BENEATH = 1;
    private static final int O_PATH = 0x200000;

    /** struct landlock_ruleset_attr: files, network, scopes. */
    private static final int RULESET_BYTES = 24;

    /** struct landlock_path_beneath_attr, packed: rights, descriptor. */
    private static final int RULE_BYTES = 12;

    private static final long EXECUTE = 1;
    private static final long WRITE_FILE = 1 << 1;
    private static final long READ_FILE = 1 << 2;
    private static final long READ_DIR = 1 << 3;

    /** Up to and with making symbolic links. */
    private static final long OF_VERSION_1 = (1 << 13) - 1;

    private static final long REFER = 1 << 13;
    private static final long TRUNCATE = 1 << 14;
    private static final long IOCTL_DEV = 1 << 15;
    private static final long BIND_AND_CONNECT_TCP = 3;
    private static final long ABSTRACT_SOCKETS_AND_SIGNALS = 3;

    private static final long VERSION = version();

    public Landlock {
        files = List.copyOf(files);
        devices = List.copyOf(devices);
        folders = List.copyOf(folders);
    }

    private static long version() {
        try {
            return Libc.systemCall("landlock", CREATE_RULESET, 0, 0, ASK_VERSION, 0);
        } catch (Errno unknown) {
            return 0;
        }
    }

    /** What this kernel knows of it; 0 if nothing. */
    static long knownVersion() {
        return VERSION;
    }

    /**
     * Keeps the calling thread and its children to this, for ever; it must have no new privileges.
     */
    void apply() throws Errno {
        if (VERSION == 0) {
            return;
        }
        long rights =
                OF_VERSION_1
                        | (VERSION < 2 ? 0 : REFER)
                        | (VERSION < 3 ? 0 : TRUNCATE)
                        | (VERSION < 5 ? 0 : IOCTL_DEV);
        int ruleset = ruleset(rights);
        try {
            allow(ruleset, "/", EXECUTE | READ_FILE | READ_DIR);
            for (String file : files) {
                allow(ruleset, file, (READ_FILE | WRITE_FILE | TRUNCATE) & rights);
            }
            for (String device : devices) {
                allow(ruleset, device, (READ_FILE | WRITE_FILE | IOCTL_DEV) & rights);
            }
            for (String folder : folders) {
                allow(ruleset, folder, rights);
            }
            Libc.systemCall("cannot lock the land", RESTRICT_SELF, ruleset, 0, 0, 0);
        } finally {
            Libc.close(ruleset);
        }
    }

    private static int ruleset(long rights) throws Errno {
        try (Memory memory = Memory.open()) {
            long set = memory.zeroed(RULESET_BYTES);
            memory.setLong(set, rights);
            memory.setLong(set + 8, VERSION < 4 ? 0 : BIND_AND_CONNECT_TCP);
            memory.setLong(set + 16, VERSION < 6 ? 0 : ABSTRACT_SOCKETS_AND_SIGNALS);
            return (int)
                    Libc.systemCall(
                            "cannot make a landlock", CREATE_RULESET, set, RULESET_BYTES, 0, 0);
        }
    }

    private static void allow(int ruleset, String path, long rights) throws Errno {
        int place = Libc.open(path, O_PATH, 0);
        try (Memory memory = Memory.open()) {
            long rule = memory.zeroed(RULE_BYTES);
            memory.setLong(rule, rights);
            memory.setInt(rule + 8, place);
            Libc.systemCall("cannot allow " + path, ADD_RULE, ruleset, PATH_BENEATH, rule, 0);
        } finally {
            Libc.close(place);
        }
    }
}
