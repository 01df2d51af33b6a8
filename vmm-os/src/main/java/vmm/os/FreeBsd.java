package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * What FreeBSD's C library has and Linux's lacks, or numbers otherwise. Written from its manual
 * pages; never tried on a running FreeBSD. Any thread.
 */
@SuppressWarnings("restricted")
public final class FreeBsd {
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x100000;

    /** Of a page of memory, on the processors it runs unikernels on. */
    public static final long PAGE_BYTES = 4096;

    private final MethodHandle sysctl =
            Libc.errno("sysctl", -1, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private final MethodHandle open = Libc.errno("open", 2, ADDRESS, JAVA_INT, JAVA_INT);
    private final MethodHandle ioctl = Libc.errno("ioctl", 2, JAVA_INT, JAVA_LONG, ADDRESS);

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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(JAVA_INT, place);
            MemorySegment content = arena.allocate(bytesMax, 8);
            MemorySegment length = arena.allocateFrom(JAVA_LONG, bytesMax);
            Libc.check(
                    "cannot ask sysctl",
                    s ->
                            (int)
                                    sysctl.invokeExact(
                                            s,
                                            name,
                                            place.length,
                                            content,
                                            length,
                                            MemorySegment.NULL,
                                            0L));
            return content.asSlice(0, length.get(JAVA_LONG, 0)).toArray(JAVA_BYTE);
        }
    }

    /** The index of an interface, or 0 if there is none. */
    public int interfaceIndex(String name) {
        return Libc.interfaceIndex(name);
    }

    /** The descriptor of a device, for reading and writing. */
    public int open(String path) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return (int)
                    Libc.check(
                            "cannot open " + path,
                            s -> (int) open.invokeExact(s, name, O_RDWR | O_CLOEXEC, 0));
        }
    }

    /** ioctl(2): the kernel reads {@code argument} and writes it. */
    public void ioctl(int fd, long request, byte[] argument) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment given = arena.allocate(argument.length, 8);
            MemorySegment.copy(argument, 0, given, JAVA_BYTE, 0, argument.length);
            Libc.check(
                    "cannot ask the device", s -> (int) ioctl.invokeExact(s, fd, request, given));
            MemorySegment.copy(given, JAVA_BYTE, 0, argument, 0, argument.length);
        }
    }
}
