package vmm.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The datagram socket on which init hears what a service says of itself (sd_notify(3)). */
public final class InitSocket {
    private static final int SOCK_DGRAM = 2;

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
        String what = "cannot send to " + address;
        int fd = Libc.socket(UnixAddress.FAMILY, SOCK_DGRAM, what);
        byte[] bytes = state.getBytes(StandardCharsets.UTF_8);
        try (Memory memory = Memory.open(bytes.length)) {
            UnixAddress.connect(fd, address, what);
            Libc.check(Libc.write(fd, memory.ofBytes(bytes), bytes.length), what);
        } finally {
            Libc.close(fd);
        }
    }
}
