package vmm.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Where a Unix socket is (unix(7)). */
final class UnixAddress {
    static final int FAMILY = 1;

    /** What sun_path holds. */
    static final int PATH_BYTES_MAX = 108;

    private static final long CONNECT = Native.function("connect");

    private UnixAddress() {}

    /**
     * Connects a socket.
     *
     * @param path or a name of the abstract name space after an @
     * @param what for the error
     */
    static void connect(int fd, String path, String what) throws IOException {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length >= PATH_BYTES_MAX) {
            throw new IOException("no socket can be at '" + path + "'");
        }
        if (bytes[0] == '@') {
            bytes[0] = 0;
        }
        try (Memory memory = Memory.open()) {
            long name = memory.zeroed(Short.BYTES);
            memory.setShort(name, FAMILY);
            memory.put(bytes);
            Libc.check(Native.call(CONNECT, fd, name, Short.BYTES + bytes.length), what);
        }
    }
}
