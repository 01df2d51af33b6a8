package vmm.os;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Waits for frames that the host sends into taps, on one platform thread. What a bridge sends to
 * everybody does not count, but for questions by ARP: they come before whoever wants a guest.
 */
public final class Traffic implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final short ALL_BIG_ENDIAN = 0x0300;
    private static final byte PACKET_OUTGOING = 4;
    private static final int ADDRESS_BYTES = 20;
    private static final int PACKET_TYPE = 10;
    private static final int HEAD_BYTES = 14;
    private static final int DONTWAIT = 0x40;
    private static final int FRAMES_AT_ONCE = 64;
    private static final int WAIT_MILLIS = 250;

    private static final long BIND = Native.function("bind");
    private static final long RECEIVE = Native.function("recvfrom");

    /** Somebody who waits for the first frame on some taps. Any thread closes it, once. */
    public final class Watch {
        private final List<Integer> sockets = new ArrayList<>();
        private final Runnable whenSome;
        private volatile boolean over;

        private Watch(Runnable whenSome) {
            this.whenSome = whenSome;
        }

        /** The thread that reads closes: the number of a closed socket may be anyone's. */
        public void close() {
            over = true;
            ended.add(this);
        }
    }

    private final Map<Integer, Watch> watches = new ConcurrentHashMap<>();
    private final Queue<Watch> ended = new ConcurrentLinkedQueue<>();
    private final Epoll epoll;
    private final Thread thread;
    private volatile boolean running = true;

    public Traffic() throws Errno {
        epoll = new Epoll();
        thread = Thread.ofPlatform().daemon().name("traffic").start(this::run);
    }

    /**
     * Calls {@code whenSome} on the thread of this, once or more often, until the watch is closed;
     * it must not wait.
     */
    public Watch watch(Collection<String> taps, Runnable whenSome) throws Errno {
        var watch = new Watch(whenSome);
        boolean ok = false;
        try {
            for (String tap : taps) {
                int socket = open(tap);
                watch.sockets.add(socket);
                watches.put(socket, watch);
                epoll.add(socket);
            }
            ok = true;
            return watch;
        } finally {
            if (!ok) {
                watch.close();
            }
        }
    }

    private static int open(String tap) throws Errno {
        // No frame comes before it is bound to its tap: it asks for none until then.
        int socket = Libc.socket(AF_PACKET, SOCK_RAW, "cannot watch " + tap);
        boolean ok = false;
        try (Memory memory = Memory.open()) {
            long address = memory.zeroed(ADDRESS_BYTES);
            memory.setShort(address, AF_PACKET);
            memory.setShort(address + 2, ALL_BIG_ENDIAN);
            memory.setInt(address + 4, Libc.interfaceIndex(tap));
            Libc.check(Native.call(BIND, socket, address, ADDRESS_BYTES), "cannot watch ", tap);
            ok = true;
            return socket;
        } finally {
            if (!ok) {
                Libc.close(socket);
            }
        }
    }

    private void run() {
        try {
            while (running) {
                for (int socket : epoll.await(WAIT_MILLIS)) {
                    Watch watch = watches.get(socket);
                    if (watch != null && !watch.over && isWanted(socket)) {
                        watch.whenSome.run();
                    }
                }
                closeEnded();
            }
            closeEnded();
            epoll.close();
        } catch (Errno e) {
            throw new AssertionError(e);
        }
    }

    private void closeEnded() throws Errno {
        for (Watch watch = ended.poll(); watch != null; watch = ended.poll()) {
            for (int socket : watch.sockets) {
                watches.remove(socket);
                epoll.close(socket);
            }
        }
    }

    /** True if one of the frames that wait is for the guest. */
    private static boolean isWanted(int socket) {
        try (Memory memory = Memory.open()) {
            long head = memory.zeroed(HEAD_BYTES);
            long address = memory.zeroed(ADDRESS_BYTES);
            long length = memory.zeroed(Integer.BYTES);
            boolean wanted = false;
            for (int i = 0; i < FRAMES_AT_ONCE && !wanted; i++) {
                memory.setInt(length, ADDRESS_BYTES);
                int got = Native.call(RECEIVE, socket, head, HEAD_BYTES, DONTWAIT, address, length);
                if (got < 0) {
                    return false;
                }
                boolean toGuest = memory.byteAt(address + PACKET_TYPE) == PACKET_OUTGOING;
                boolean toAll = (memory.byteAt(head) & 1) != 0;
                boolean arp = memory.byteAt(head + 12) == 0x08 && memory.byteAt(head + 13) == 0x06;
                wanted = got >= HEAD_BYTES && toGuest && (!toAll || arp);
            }
            return wanted;
        }
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
