package vmm.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A private mount namespace, held by a descriptor. Any thread. */
public final class Mounts implements AutoCloseable {
    private static final int CLONE_FS = 0x200;
    private static final int CLONE_NEWNS = 0x20000;
    private static final long REMOUNT = 32;
    private static final long BIND = 4096;
    private static final long RECURSIVE = 16384;
    private static final long PRIVATE = 1 << 18;
    private static final int DETACH = 2;
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFREG = 0x8000;

    /** Options of mount(2) by the names of mount(8) and of the contract's examples. */
    private static final Map<String, Long> FLAGS =
            Map.of(
                    "ro",
                    1L,
                    "rdonly",
                    1L,
                    "nosuid",
                    2L,
                    "nodev",
                    4L,
                    "noexec",
                    8L,
                    "sync",
                    16L,
                    "noatime",
                    1024L,
                    "nodiratime",
                    2048L,
                    "relatime",
                    1L << 21,
                    "rec",
                    RECURSIVE);

    private static final long UNSHARE = Native.function("unshare");
    private static final long SETNS = Native.function("setns");
    private static final long MOUNT = Native.function("mount");
    private static final long UMOUNT = Native.function("umount2");
    private static final long MKNOD = Native.function("mknod");
    private static final long CHDIR = Native.function("chdir");

    /** Something to mount. Its folder or file is made where it is missing, in a new root only. */
    public sealed interface Entry {
        String destination();
    }

    /**
     * A file system.
     *
     * @param uid -1 leaves the owner
     * @param mode 0 leaves the permissions
     */
    public record Drive(
            String source,
            String destination,
            String type,
            List<String> options,
            long uid,
            long gid,
            int mode)
            implements Entry {
        public Drive {
            options = List.copyOf(options);
        }
    }

    /** A file or folder of the host at another place. */
    public record Bind(String source, String destination, List<String> options) implements Entry {
        public Bind {
            options = List.copyOf(options);
        }
    }

    /** A character device of its own, in a new root. */
    public record Device(String destination, int major, int minor, long uid, int mode)
            implements Entry {}

    private final AtomicInteger fd;

    private Mounts(int fd) {
        this.fd = new AtomicInteger(fd);
    }

    /** Opens the mount namespace of a process, to start others in it. */
    public static Mounts of(int pid) throws Errno {
        return new Mounts(Libc.open("/proc/" + pid + "/ns/mnt", Libc.O_RDONLY, 0));
    }

    /**
     * Makes a namespace. Nothing of it is seen outside.
     *
     * @param newRoot an empty folder of the host where the new root is put together; the domain
     *     sees nothing but {@code entries} then. Empty keeps the host's files.
     */
    public static Mounts make(Optional<Path> newRoot, List<Entry> entries)
            throws IOException, InterruptedException {
        return OneThread.run("mounts", () -> makeHere(newRoot, entries));
    }

    private static Mounts makeHere(Optional<Path> newRoot, List<Entry> entries) throws IOException {
        Libc.check(Native.call(UNSHARE, CLONE_NEWNS), "cannot make a mount namespace");
        var made = new Mounts(Libc.open("/proc/thread-self/ns/mnt", Libc.O_RDONLY, 0));
        boolean ok = false;
        try {
            mount("none", "/", "", RECURSIVE | PRIVATE, "");
            if (newRoot.isPresent()) {
                mount("vmm", newRoot.get().toString(), "tmpfs", 2 + 8, "mode=0755,size=1m");
            }
            String root = newRoot.map(Path::toString).orElse("");
            for (Entry entry : entries) {
                put(root, entry);
            }
            if (newRoot.isPresent()) {
                pivot(root);
            }
            ok = true;
            return made;
        } finally {
            if (!ok) {
                made.close();
            }
        }
    }

    private static void put(String root, Entry entry) throws IOException {
        String at = root + entry.destination();
        Path place = Path.of(at);
        switch (entry) {
            case Drive(var source, _, var type, var options, var uid, var gid, var mode) -> {
                if (!root.isEmpty()) {
                    Files.createDirectories(place);
                }
                mount(source, at, type, flags(options), data(options));
                if (uid >= 0) {
                    Libc.chown(at, (int) uid, (int) gid);
                }
                if (mode != 0) {
                    Libc.chmod(at, mode);
                }
            }
            case Bind(var source, _, var options) -> {
                if (!root.isEmpty()) {
                    makePlace(Path.of(source), place);
                }
                long flags = flags(options);
                long deep = flags & RECURSIVE;
                mount(source, at, "", BIND | deep, "");
                if ((flags & ~RECURSIVE) != 0) {
                    mount("none", at, "", BIND | REMOUNT | (flags & ~RECURSIVE), "");
                }
            }
            case Device(_, var major, var minor, var uid, var mode) -> {
                makeParent(place);
                long number = ((long) major << 8) | (minor & 0xff) | ((minor & ~0xffL) << 12);
                makeNode(at, S_IFCHR | mode, number);
                Libc.chown(at, (int) uid, -1);
                Libc.chmod(at, mode);
            }
        }
    }

    private static void makePlace(Path source, Path place) throws IOException {
        if (Files.isDirectory(source)) {
            Files.createDirectories(place);
        } else if (!Files.exists(place)) {
            makeParent(place);
            makeNode(place.toString(), S_IFREG | 0600, 0);
        }
    }

    /** Never by opening: a child being made may hold the writer that keeps the root from "ro". */
    private static void makeNode(String at, int mode, long number) throws Errno {
        Libc.atPath(MKNOD, at, mode, number, "cannot make ");
    }

    private static void makeParent(Path place) throws IOException {
        Path parent = place.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
    }

    /** The new root takes the place of the host's, which is let go (pivot_root(2)). */
    private static void pivot(String root) throws IOException {
        Libc.atPath(CHDIR, root, 0, 0, "cannot enter ");
        try (Memory memory = Memory.open()) {
            long here = memory.text(".");
            long pivotRoot = Machine.current().pivotRoot();
            Libc.systemCall("cannot make " + root + " the root", pivotRoot, here, here, 0, 0);
            Libc.check(Native.call(UMOUNT, here, DETACH), "cannot let the old root go");
        }
        Libc.atPath(CHDIR, "/", 0, 0, "cannot enter ");
        mount("none", "/", "", BIND | REMOUNT | 1 | 2 | 8, "");
    }

    private static void mount(String source, String target, String type, long flags, String data)
            throws Errno {
        long most = Memory.mostBytes(source + target) + Memory.mostBytes(type + data);
        try (Memory memory = Memory.open(most + 2)) {
            long from = memory.text(source);
            long to = memory.text(target);
            long what = type.isEmpty() ? 0 : memory.text(type);
            long more = data.isEmpty() ? 0 : memory.text(data);
            int result = Native.call(MOUNT, from, to, what, flags, more, 0);
            Libc.check(result, "cannot mount " + source + " on " + target);
        }
    }

    /** The flag of an option, as {@code ro} or {@code MS_RDONLY}; empty if it is data. */
    private static Optional<Long> flag(String option) {
        String plain = option.toLowerCase(Locale.ROOT);
        return plain.equals("bind") || plain.equals("ms_bind") || plain.equals("rw")
                ? Optional.of(0L)
                : Optional.ofNullable(
                        FLAGS.get(plain.startsWith("ms_") ? plain.substring(3) : plain));
    }

    private static long flags(List<String> options) {
        long flags = 0;
        for (String option : options) {
            flags |= flag(option).orElse(0L);
        }
        return flags;
    }

    private static String data(List<String> options) {
        return String.join(",", options.stream().filter(o -> flag(o).isEmpty()).toList());
    }

    /** Moves the calling thread in; it must start its child and end. */
    void enter() throws Errno {
        int held = fd.get();
        Libc.check(Native.call(UNSHARE, CLONE_FS), "cannot leave the folder");
        Libc.check(Native.call(SETNS, held, CLONE_NEWNS), "cannot enter the mount namespace");
    }

    @Override
    public void close() throws Errno {
        int held = fd.getAndSet(-1);
        if (held >= 0) {
            Libc.close(held);
        }
    }
}
