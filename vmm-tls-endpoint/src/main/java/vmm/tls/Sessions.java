package vmm.tls;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All connections from outside, and what they may take from each other. Who has not shown a
 * certificate yet makes room for newcomers, the oldest first. Any thread.
 */
final class Sessions {
    /** How many connections may be without a certificate; then the oldest of them goes. */
    static final int UNKNOWN_MAX = 4096;

    /** How many of them may be in their handshake; then the oldest of those goes. */
    static final int HANDSHAKES_MAX = 256;

    /** How many connections one address may have, as {@code --max-per-address}. */
    static final int PER_ADDRESS_MAX = 2048;

    /** How often deadlines and revocations are looked at. */
    private static final Duration WATCH_EVERY = Duration.ofMillis(100);

    /** When connections stop coming for so long, what many of them left is cleared away. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    /** So many are worth clearing away after; their leavings are some megabytes. */
    private static final int CLEARED_CONNECTIONS = 200;

    private final int perAddressMax;
    private final Chains chains;
    private final Revocations revocations;
    private final Counts counts;
    private final Set<Session> all = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<InetAddress, Integer> perAddress = new HashMap<>();
    private final SequencedSet<Session> unknown = new LinkedHashSet<>();
    private final SequencedSet<Session> handshaking = new LinkedHashSet<>();
    private final AtomicLong entered = new AtomicLong();
    private volatile long enteredNanos = System.nanoTime();

    Sessions(int perAddressMax, Chains chains, Revocations revocations, Counts counts) {
        this.perAddressMax = perAddressMax;
        this.chains = chains;
        this.revocations = revocations;
        this.counts = counts;
    }

    int size() {
        return all.size();
    }

    /** False if its address has too many. */
    boolean enter(Session session) {
        lock.lock();
        try {
            if (session.address().isPresent()) {
                InetAddress from = session.address().get();
                int now = perAddress.getOrDefault(from, 0);
                if (now >= perAddressMax) {
                    return false;
                }
                perAddress.put(from, now + 1);
            }
            all.add(session);
            entered.incrementAndGet();
            enteredNanos = System.nanoTime();
            makeRoom(unknown, UNKNOWN_MAX);
            unknown.add(session);
            return true;
        } finally {
            lock.unlock();
        }
    }

    void startsHandshake(Session session) {
        lock.lock();
        try {
            makeRoom(handshaking, HANDSHAKES_MAX);
            handshaking.add(session);
        } finally {
            lock.unlock();
        }
    }

    private void makeRoom(SequencedSet<Session> among, int max) {
        if (among.size() >= max) {
            Session oldest = among.removeFirst();
            if (oldest.cut("newer ones wait")) {
                counts.cut("crowded_out");
            }
        }
    }

    void hasShownCertificate(Session session) {
        lock.lock();
        try {
            unknown.remove(session);
            handshaking.remove(session);
        } finally {
            lock.unlock();
        }
    }

    void leave(Session session) {
        lock.lock();
        try {
            if (all.remove(session)) {
                unknown.remove(session);
                handshaking.remove(session);
                Optional<InetAddress> from = session.address();
                from.ifPresent(a -> perAddress.computeIfPresent(a, (_, n) -> n > 1 ? n - 1 : null));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Starts to cut who is overdue or revoked; a daemon thread, for as long as the process. */
    void startWatch() {
        Thread.ofPlatform().daemon().name("watch").start(this::watch);
    }

    private void watch() {
        long cleared = 0;
        while (true) {
            LockSupport.parkNanos(WATCH_EVERY.toNanos());
            long now = System.nanoTime();
            if (now - enteredNanos > QUIET.toNanos()) {
                cleared = clearAway(cleared);
            }
            for (Session session : all) {
                if (session.isOverdue(now) && session.overdue()) {
                    counts.cut("deadline");
                }
            }
            if (revocations.refresh()) {
                Log.LOG.info("revocation lists have changed");
                cutRevoked();
            }
        }
    }

    /** Until when connections have been cleared away after. */
    private long clearAway(long cleared) {
        long now = entered.get();
        if (now - cleared < CLEARED_CONNECTIONS) {
            return cleared;
        }
        System.gc();
        return now;
    }

    private void cutRevoked() {
        for (Session session : List.copyOf(all)) {
            if (!session.chain().isEmpty()) {
                cutIfRevoked(session);
            }
        }
    }

    /** True if the certificate it has shown is revoked by now. */
    boolean cutIfRevoked(Session session) {
        boolean revoked = chains.isRevoked(session.chain());
        if (revoked && session.cut("its certificate has been revoked")) {
            counts.cut("revoked");
        }
        return revoked;
    }
}
