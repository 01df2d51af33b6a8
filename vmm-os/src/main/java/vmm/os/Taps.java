package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Tap interfaces in bridges. They outlive this process until they are removed. */
public final class Taps {
    /** The kernel puts the first free number, atomically. */
    public static final String NAMES = "vmmtap%d";

    private static final int NAME_BYTES = 16;
    private static final int IFREQ_BYTES = 40;
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private static final long TUNSETOWNER = 0x400454ccL;
    private static final long TUNSETGROUP = 0x400454ceL;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCETHTOOL = 0x8946;
    private static final long SIOCBRADDIF = 0x89a2;
    private static final int ETHTOOL_SGSO = 0x24;
    private static final int ETHTOOL_SGRO = 0x2c;
    private static final short IFF_TAP_NO_PI = 0x1002;
    private static final short IFF_UP = 1;

    private Taps() {}

    /**
     * Makes a tap that is up and in {@code bridge}, and returns its name.
     *
     * @param uid who may open it
     * @param gid which group may open it
     * @throws IOException if one step fails; then nothing is left
     */
    public static String make(String bridge, long uid, long gid) throws IOException {
        if (!exists(bridge)) {
            throw new IOException("there is no bridge " + bridge);
        }
        int tun = Libc.open("/dev/net/tun", Libc.O_RDWR, 0);
        try {
            String name;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment request = request(arena, NAMES);
                request.set(JAVA_SHORT, NAME_BYTES, IFF_TAP_NO_PI);
                Libc.ioctl("cannot make a tap", tun, TUNSETIFF, request);
                name = request.getString(0);
            }
            Libc.ioctl("cannot give the tap to " + uid, tun, TUNSETOWNER, uid);
            Libc.ioctl("cannot give the tap to group " + gid, tun, TUNSETGROUP, gid);
            connect(name, bridge);
            // A tap that is not persistent goes with its descriptor: undoing is closing.
            Libc.ioctl("cannot keep the tap", tun, TUNSETPERSIST, 1L);
            return name;
        } finally {
            Libc.close(tun);
        }
    }

    private static void connect(String tap, String bridge) throws Errno {
        int socket = Libc.inetSocket();
        try (Arena arena = Arena.ofConfined()) {
            offload(arena, socket, tap, ETHTOOL_SGRO);
            offload(arena, socket, tap, ETHTOOL_SGSO);
            MemorySegment request = request(arena, bridge);
            request.set(JAVA_INT, NAME_BYTES, Libc.interfaceIndex(tap));
            Libc.ioctl("cannot put " + tap + " into " + bridge, socket, SIOCBRADDIF, request);
            MemorySegment flags = request(arena, tap);
            Libc.ioctl("cannot read the flags of " + tap, socket, SIOCGIFFLAGS, flags);
            flags.set(JAVA_SHORT, NAME_BYTES, (short) (flags.get(JAVA_SHORT, NAME_BYTES) | IFF_UP));
            Libc.ioctl("cannot set up " + tap, socket, SIOCSIFFLAGS, flags);
        } finally {
            Libc.close(socket);
        }
    }

    /** Guests cannot take merged packets. */
    private static void offload(Arena arena, int socket, String tap, int command) throws Errno {
        MemorySegment value = arena.allocate(8, 8);
        value.set(JAVA_INT, 0, command);
        MemorySegment request = request(arena, tap);
        request.set(ADDRESS, NAME_BYTES, value);
        Libc.ioctl("cannot turn off merging on " + tap, socket, SIOCETHTOOL, request);
    }

    private static MemorySegment request(Arena arena, String name) {
        MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
        request.setString(0, name);
        return request;
    }

    private static boolean exists(String name) {
        return problem(name).isEmpty() && Libc.interfaceIndex(name) != 0;
    }

    private static String problem(String name) {
        boolean ok = !name.isEmpty() && name.length() < NAME_BYTES && !name.contains("/");
        return ok && !name.startsWith(".") ? "" : "no name of an interface: " + name;
    }

    /** Removes a tap; one that is gone already is no failure. */
    public static void remove(String name) throws IOException {
        if (!problem(name).isEmpty() || Libc.interfaceIndex(name) == 0) {
            return;
        }
        int tun = Libc.open("/dev/net/tun", Libc.O_RDWR, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            request.set(JAVA_SHORT, NAME_BYTES, IFF_TAP_NO_PI);
            Libc.ioctl("cannot take the tap " + name, tun, TUNSETIFF, request);
            Libc.ioctl("cannot remove the tap " + name, tun, TUNSETPERSIST, 0L);
        } finally {
            Libc.close(tun);
        }
    }
}
