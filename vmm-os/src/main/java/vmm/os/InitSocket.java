package vmm.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The datagram socket on which init hears what a service says of itself (sd_notify(3)). */
public final class InitSocket {
    /** What sun_path holds. */
    private static final int PATH_BYTES_MAX = 108;

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;

    private static final long CONNECT = Native.function("connect");

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
        int fd = Libc.socket(AF_UNIX, SOCK_DGRAM, what);
        byte[] bytes = state.getBytes(StandardCharsets.UTF_8);
        try (Memory memory = Memory.open(Memory.BLOCK_BYTES + bytes.length)) {
            long name = memory.zeroed(Short.BYTES);
            memory.setShort(name, AF_UNIX);
            memory.put(path);
            Libc.check(Native.call(CONNECT, fd, name, Short.BYTES + path.length), what);
            Libc.check(Libc.write(fd, memory.ofBytes(bytes), bytes.length), what);
        } finally {
            Libc.close(fd);
        }
    }
}
