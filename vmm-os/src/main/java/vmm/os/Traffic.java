package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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
@SuppressWarnings("restricted")
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

    private static final MethodHandle SOCKET =
            Libc.errno("socket", -1, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = Libc.errno("bind", -1, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle RECEIVE =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("recvfrom"),
                            FunctionDescriptor.of(
                                    JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS,
                                    ADDRESS));

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
        int socket =
                (int)
                        Libc.check(
                                "cannot watch " + tap,
                                s ->
                                        (int)
                                                SOCKET.invokeExact(
                                                        s,
                                                        AF_PACKET,
                                                        SOCK_RAW | Libc.O_CLOEXEC,
                                                        0));
        boolean ok = false;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
            address.set(JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(JAVA_SHORT, 2, ALL_BIG_ENDIAN);
            address.set(JAVA_INT, 4, Libc.interfaceIndex(tap));
            Libc.check(
                    "cannot watch " + tap,
                    s -> (int) BIND.invokeExact(s, socket, address, ADDRESS_BYTES));
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment head = arena.allocate(HEAD_BYTES, 8);
            MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
            MemorySegment length = arena.allocate(JAVA_INT);
            boolean wanted = false;
            for (int i = 0; i < FRAMES_AT_ONCE && !wanted; i++) {
                length.set(JAVA_INT, 0, ADDRESS_BYTES);
                long got =
                        Libc.run(
                                () ->
                                        (long)
                                                RECEIVE.invokeExact(
                                                        socket,
                                                        head,
                                                        head.byteSize(),
                                                        DONTWAIT,
                                                        address,
                                                        length));
                if (got < 0) {
                    return false;
                }
                boolean toGuest = address.get(JAVA_BYTE, PACKET_TYPE) == PACKET_OUTGOING;
                boolean toAll = (head.get(JAVA_BYTE, 0) & 1) != 0;
                boolean arp = head.get(JAVA_BYTE, 12) == 0x08 && head.get(JAVA_BYTE, 13) == 0x06;
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
