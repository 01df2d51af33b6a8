package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** The datagram socket on which init hears what a service says of itself (sd_notify(3)). */
@SuppressWarnings("restricted")
public final class InitSocket {
    /** What sun_path holds. */
    private static final int PATH_BYTES_MAX = 108;

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | Libc.O_CLOEXEC;

    private static final MethodHandle SOCKET =
            Libc.errno("socket", -1, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CONNECT =
            Libc.errno("connect", -1, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle WRITE = Libc.errno("write", -1, JAVA_INT, ADDRESS, JAVA_LONG);

    private InitSocket() {}

    /** Says {@code state}, such as READY=1; says nothing where init does not listen. */
    public static void tell(String state) throws IOException {
        String address = System.getenv("NOTIFY_SOCKET");
        if (address != null) {
            tell(address, state);
        }
    }

    /**
     * Sends one datagram.
     *
     * @param address a path, or a name of the abstract name space after an @
     */
    public static void tell(String address, String state) throws IOException {
        byte[] path = address.getBytes(StandardCharsets.UTF_8);
        if (path.length == 0 || path.length >= PATH_BYTES_MAX) {
            throw new IOException("no socket can be at '" + address + "'");
        }
        if (path[0] == '@') {
            path[0] = 0;
        }
        String what = "cannot send to " + address;
        int fd =
                (int)
                        Libc.check(
                                what,
                                s -> (int) SOCKET.invokeExact(s, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
        try (Arena arena = Arena.ofConfined()) {
            int length = Short.BYTES + path.length;
            MemorySegment name = arena.allocate(Short.BYTES + PATH_BYTES_MAX, Short.BYTES);
            name.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, name, JAVA_BYTE, Short.BYTES, path.length);
            byte[] bytes = state.getBytes(StandardCharsets.UTF_8);
            MemorySegment text = arena.allocateFrom(JAVA_BYTE, bytes);
            Libc.check(what, s -> (int) CONNECT.invokeExact(s, fd, name, length));
            Libc.check(what, s -> (int) WRITE.invokeExact(s, fd, text, (long) bytes.length));
        } finally {
            Libc.close(fd);
        }
    }
}
