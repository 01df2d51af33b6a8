package vmm.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Tap interfaces in bridges. They outlive this process until they are removed. */
public final class Taps {
    /** The kernel puts the first free number, atomically. */
    public static final String NAMES = "vmmtap%d";

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
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
            try (Memory memory = Memory.open()) {
                long request = request(memory, NAMES);
                memory.setShort(request + NAME_BYTES, IFF_TAP_NO_PI);
                Libc.ioctl(tun, TUNSETIFF, request, "cannot make a tap");
                byte[] bytes = memory.bytesAt(request, NAME_BYTES);
                name = new String(bytes, StandardCharsets.UTF_8);
                name = name.substring(0, name.indexOf('\0'));
            }
            Libc.ioctl(tun, TUNSETOWNER, uid, "cannot give the tap to " + uid);
            Libc.ioctl(tun, TUNSETGROUP, gid, "cannot give the tap to group " + gid);
            connect(name, bridge);
            // A tap that is not persistent goes with its descriptor: undoing is closing.
            Libc.ioctl(tun, TUNSETPERSIST, 1, "cannot keep the tap");
            return name;
        } finally {
            Libc.close(tun);
        }
    }

    private static void connect(String tap, String bridge) throws Errno {
        int socket = Libc.socket(AF_INET, SOCK_DGRAM, "cannot make a socket");
        try (Memory memory = Memory.open()) {
            offload(memory, socket, tap, ETHTOOL_SGRO);
            offload(memory, socket, tap, ETHTOOL_SGSO);
            long request = request(memory, bridge);
            memory.setInt(request + NAME_BYTES, Libc.interfaceIndex(tap));
            Libc.ioctl(socket, SIOCBRADDIF, request, "cannot put " + tap + " into " + bridge);
            long flags = request(memory, tap);
            Libc.ioctl(socket, SIOCGIFFLAGS, flags, "cannot read the flags of " + tap);
            long at = flags + NAME_BYTES;
            memory.setShort(at, memory.shortAt(at) | IFF_UP);
            Libc.ioctl(socket, SIOCSIFFLAGS, flags, "cannot set up " + tap);
        } finally {
            Libc.close(socket);
        }
    }

    /** Guests cannot take merged packets. */
    private static void offload(Memory memory, int socket, String tap, int command) throws Errno {
        long value = memory.zeroed(2 * Integer.BYTES);
        memory.setInt(value, command);
        long request = request(memory, tap);
        memory.setLong(request + NAME_BYTES, value);
        Libc.ioctl(socket, SIOCETHTOOL, request, "cannot turn off merging on " + tap);
    }

    /** struct ifreq: a name, then what is asked or set. */
    private static long request(Memory memory, String name) {
        long request = memory.zeroed(IFREQ_BYTES);
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < Math.min(bytes.length, NAME_BYTES - 1); i++) {
            memory.setByte(request + i, bytes[i]);
        }
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
        try (Memory memory = Memory.open()) {
            long request = request(memory, name);
            memory.setShort(request + NAME_BYTES, IFF_TAP_NO_PI);
            Libc.ioctl(tun, TUNSETIFF, request, "cannot take the tap " + name);
            Libc.ioctl(tun, TUNSETPERSIST, 0, "cannot remove the tap " + name);
        } finally {
            Libc.close(tun);
        }
    }
}
