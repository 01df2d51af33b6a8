package vmm.os;

/**
 * What FreeBSD's C library has and Linux's lacks, or numbers otherwise. Written from its manual
 * pages; never tried on a running FreeBSD. Any thread.
 */
public final class FreeBsd {
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x100000;

    /** Of a page of memory, on the processors it runs unikernels on. */
    public static final long PAGE_BYTES = 4096;

    private final long sysctl = Native.function("sysctl");
    private final long open = Native.function("open");

    /** Finds the calls; on another system they are not there. */
    public FreeBsd() {}

    /** True if this is such a system. */
    public static boolean isHere() {
        return System.getProperty("os.name", "").equals("FreeBSD");
    }

    /**
     * sysctl(3) without a new value.
     *
     * @param bytesMax what is larger is refused
     */
    public byte[] sysctl(int bytesMax, int... place) throws Errno {
        try (Memory memory = Memory.open(Memory.BLOCK_BYTES + bytesMax)) {
            long name = memory.zeroed(Integer.BYTES * place.length);
            for (int i = 0; i < place.length; i++) {
                memory.setInt(name + ((long) Integer.BYTES * i), place[i]);
            }
            long length = memory.zeroed(Long.BYTES);
            memory.setLong(length, bytesMax);
            long content = memory.zeroed(bytesMax);
            Libc.check(
                    Native.call(sysctl, name, place.length, content, length, 0, 0),
                    "cannot ask sysctl");
            return memory.bytesAt(content, (int) memory.longAt(length));
        }
    }

    /** The index of an interface, or 0 if there is none. */
    public int interfaceIndex(String name) {
        return Libc.interfaceIndex(name);
    }

    /** The descriptor of a device, for reading and writing. */
    public int open(String path) throws Errno {
        try (Memory memory = Memory.open(Memory.mostBytes(path))) {
            long name = memory.text(path);
            return Libc.check(Native.call(open, name, O_RDWR | O_CLOEXEC, 0), "cannot open ", path);
        }
    }

    /** ioctl(2): the kernel reads {@code argument} and writes it. */
    public void ioctl(int fd, long request, byte[] argument) throws Errno {
        try (Memory memory = Memory.open(argument.length)) {
            long given = memory.ofBytes(argument);
            Libc.ioctl(fd, request, given, "cannot ask the device");
            System.arraycopy(
                    memory.bytesAt(given, argument.length), 0, argument, 0, argument.length);
        }
    }
}
