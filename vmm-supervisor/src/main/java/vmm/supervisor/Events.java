package vmm.supervisor;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.EventData;

/**
 * The events nobody has read yet, one bounded queue a domain. What does not fit is counted and told
 * as one loss. Any thread.
 */
final class Events {
    static final int EVENTS_MAX = 1024;

    private static final class Queue {
        final ArrayDeque<Event> events = new ArrayDeque<>();
        long lost;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final Map<String, Queue> queues = new LinkedHashMap<>();
    private final Clock clock;

    Events(Clock clock) {
        this.clock = clock;
    }

    void put(String domain, Event event) {
        lock.lock();
        try {
            Queue queue = queues.computeIfAbsent(domain, _ -> new Queue());
            if (queue.lost > 0 && queue.events.size() <= EVENTS_MAX - 2) {
                queue.events.add(loss(domain, queue));
            }
            if (queue.lost > 0 || queue.events.size() >= EVENTS_MAX) {
                queue.lost++;
            } else {
                queue.events.add(event);
            }
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Event loss(String domain, Queue queue) {
        var event = new Event(clock.millis(), EventData.lost(domain, queue.lost));
        queue.lost = 0;
        return event;
    }

    /**
     * Takes the oldest event of a domain.
     *
     * @param domain null for any
     * @return empty if none came in time
     */
    Optional<Taken> take(@Nullable String domain, Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (true) {
                for (var entry : queues.entrySet()) {
                    if (domain == null || entry.getKey().equals(domain)) {
                        Optional<Event> event = next(entry.getKey(), entry.getValue());
                        if (event.isPresent()) {
                            return Optional.of(new Taken(entry.getKey(), event.get()));
                        }
                    }
                }
                if (left <= 0) {
                    return Optional.empty();
                }
                left = more.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private Optional<Event> next(String domain, Queue queue) {
        Event event = queue.events.poll();
        if (event != null) {
            return Optional.of(event);
        }
        return queue.lost > 0 ? Optional.of(loss(domain, queue)) : Optional.empty();
    }

    /** An event on its way to a reader. */
    record Taken(String domain, Event event) {}

    /** The reader went away before it got this. */
    void giveBack(Taken taken) {
        lock.lock();
        try {
            queues.computeIfAbsent(taken.domain(), _ -> new Queue()).events.addFirst(taken.event());
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void forget(String domain) {
        lock.lock();
        try {
            queues.remove(domain);
        } finally {
            lock.unlock();
        }
    }
}
