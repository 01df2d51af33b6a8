package vmm.stats.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import vmm.core.Sample;
import vmm.os.RouteSocket;

/**
 * The counters of taps, all read in one dump (rtnetlink(7), linux/if_link.h). One thread.
 *
 * <p>A tap is known by the index that its name had when it was added. One that is not in a dump has
 * disappeared: it has no counters, and its name is looked up anew.
 */
final class LinkTable implements AutoCloseable {
    /** Flags and MTU change rarely: so many taps are looked up again each pass. */
    private static final int REFRESHED_TAPS = 16;

    private static final int NAME_BYTES = 16;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_GETSTATS = 94;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_STATS_LINK_64 = 1;
    private static final int LINK_HEADER_BYTES = 16;
    private static final int STATS_HEADER_BYTES = 12;
    private static final int COUNTERS = 10;

    private static final byte[] ALL_COUNTERS =
            ByteBuffer.allocate(STATS_HEADER_BYTES)
                    .order(ByteOrder.nativeOrder())
                    .putInt(8, 1)
                    .array();

    /** A tap that somebody watches. */
    static final class Tap {
        private final String name;
        private int index;
        private long flags;
        private long mtu;
        private long seenInPass;
        private int watchers;
        private final long[] counters = new long[COUNTERS];

        private Tap(String name) {
            this.name = name;
        }
    }

    private final RouteSocket socket;
    private final Map<String, Tap> byName = new HashMap<>();
    private final Map<Integer, Tap> byIndex = new HashMap<>();
    private final ArrayDeque<Tap> all = new ArrayDeque<>();
    private long pass;

    LinkTable(RouteSocket socket) {
        this.socket = socket;
    }

    /** One tap for all who watch it, until each has removed it. */
    Tap add(String name) throws IOException {
        Tap tap = byName.computeIfAbsent(name, Tap::new);
        if (tap.watchers++ == 0) {
            all.add(tap);
            lookUp(tap);
        }
        return tap;
    }

    void remove(Tap tap) {
        if (--tap.watchers == 0) {
            byName.remove(tap.name);
            all.remove(tap);
            byIndex.remove(tap.index, tap);
        }
    }

    /** Asks what the name means now: a tap that is missing may have been made anew. */
    void lookUp(Tap tap) throws IOException {
        byIndex.remove(tap.index, tap);
        tap.index = 0;
        byte[] name = tap.name.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length >= NAME_BYTES) {
            return;
        }
        int attribute = 4 + name.length + 1;
        var body =
                ByteBuffer.allocate(LINK_HEADER_BYTES + ((attribute + 3) & ~3))
                        .order(ByteOrder.nativeOrder());
        body.putShort(LINK_HEADER_BYTES, (short) attribute);
        body.putShort(LINK_HEADER_BYTES + 2, (short) IFLA_IFNAME);
        body.put(LINK_HEADER_BYTES + 4, name);
        socket.get(RTM_GETLINK, body.array(), message -> link(tap, message));
        if (tap.index != 0) {
            byIndex.put(tap.index, tap);
        }
    }

    /** {@code struct ifinfomsg} and its attributes. */
    static void link(Tap tap, ByteBuffer message) {
        if (message.remaining() < LINK_HEADER_BYTES) {
            return;
        }
        tap.index = message.getInt(4);
        tap.flags = Integer.toUnsignedLong(message.getInt(8));
        int at = attribute(message, LINK_HEADER_BYTES, IFLA_MTU);
        if (at >= 0 && at + 4 <= message.limit()) {
            tap.mtu = Integer.toUnsignedLong(message.getInt(at));
        }
    }

    /** Reads the counters of all interfaces at once. */
    void read() throws IOException {
        pass++;
        if (all.isEmpty()) {
            return;
        }
        for (int i = 0; i < Math.min(REFRESHED_TAPS, all.size()); i++) {
            Tap tap = all.remove();
            all.add(tap);
            lookUp(tap);
        }
        socket.dump(RTM_GETSTATS, ALL_COUNTERS, this::counters);
    }

    /** {@code struct if_stats_msg} and {@code struct rtnl_link_stats64}. */
    private void counters(ByteBuffer message) {
        if (message.remaining() < STATS_HEADER_BYTES) {
            return;
        }
        Tap tap = byIndex.get(message.getInt(4));
        int at = attribute(message, STATS_HEADER_BYTES, IFLA_STATS_LINK_64);
        if (tap == null || at < 0 || at + (COUNTERS * 8) > message.limit()) {
            return;
        }
        for (int i = 0; i < COUNTERS; i++) {
            tap.counters[i] = message.getLong(at + (i * 8));
        }
        tap.seenInPass = pass;
    }

    /** Where the payload of an attribute starts, or -1. */
    private static int attribute(ByteBuffer message, int from, int wanted) {
        int at = from;
        while (at + 4 <= message.limit()) {
            int length = message.getShort(at) & 0xffff;
            if (length < 4) {
                return -1;
            }
            if ((message.getShort(at + 2) & 0x3fff) == wanted) {
                return at + 4;
            }
            at += (length + 3) & ~3;
        }
        return -1;
    }

    /**
     * What {@code tap} carried, as of the last {@link #read}; empty if it was not there.
     *
     * @param bridge what the sample calls it
     */
    Optional<Sample.Interface> sample(Tap tap, String bridge) {
        if (tap.seenInPass != pass) {
            return Optional.empty();
        }
        long[] c = tap.counters;
        // The host receives what the unikernel sent.
        return Optional.of(
                new Sample.Interface(
                        bridge, tap.flags, 0, 0, 0, tap.mtu, 0, c[0], c[4], c[1], c[5], c[9], c[2],
                        c[3], c[8], 0, c[6], c[7]));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
