package vmm.supervisor;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.EventData;

/**
 * The events nobody has read yet, one bounded queue a domain, and the readers that wait. What does
 * not fit is counted and told as one loss. Only who has the baton touches it.
 */
final class Events {
    static final int EVENTS_MAX = 1024;

    private static final class Queue {
        final ArrayDeque<Event> events = new ArrayDeque<>();
        long lost;
    }

    /** An event on its way to a reader. */
    record Taken(String domain, Event event) {}

    /**
     * Somebody who wants one event.
     *
     * @param domain null for any
     * @param next cancelled if none will come, for the domain is gone
     */
    record Reader(@Nullable String domain, CompletableFuture<Taken> next) {
        boolean wants(String of) {
            return domain == null || domain.equals(of);
        }
    }

    private final Map<String, Queue> queues = new LinkedHashMap<>();
    private final Set<Reader> readers = new LinkedHashSet<>();
    private final Clock clock;

    Events(Clock clock) {
        this.clock = clock;
    }

    void put(String domain, Event event) {
        Queue queue = queues.computeIfAbsent(domain, _ -> new Queue());
        if (queue.lost > 0 && queue.events.size() <= EVENTS_MAX - 2) {
            queue.events.add(loss(domain, queue));
        }
        if (queue.lost > 0 || queue.events.size() >= EVENTS_MAX) {
            queue.lost++;
        } else {
            queue.events.add(event);
        }
        serve();
    }

    private Event loss(String domain, Queue queue) {
        var event = new Event(clock.millis(), EventData.lost(domain, queue.lost));
        queue.lost = 0;
        return event;
    }

    /** Waits for one event, the oldest of what there is. */
    Reader read(@Nullable String domain) {
        var reader = new Reader(domain, new CompletableFuture<>());
        readers.add(reader);
        serve();
        return reader;
    }

    private void serve() {
        for (Reader reader : List.copyOf(readers)) {
            Optional<Taken> taken = next(reader);
            if (taken.isPresent()) {
                readers.remove(reader);
                reader.next().complete(taken.get());
            }
        }
    }

    private Optional<Taken> next(Reader reader) {
        for (var entry : queues.entrySet()) {
            if (reader.wants(entry.getKey())) {
                Queue queue = entry.getValue();
                Event event = queue.events.poll();
                if (event == null && queue.lost > 0) {
                    event = loss(entry.getKey(), queue);
                }
                if (event != null) {
                    return Optional.of(new Taken(entry.getKey(), event));
                }
            }
        }
        return Optional.empty();
    }

    /** The reader has gone: what it was given goes to the next one. */
    void leave(Reader reader) {
        if (!readers.remove(reader) && !reader.next().isCancelled()) {
            Taken taken = reader.next().getNow(null);
            if (taken != null) {
                giveBack(taken);
            }
        }
    }

    private void giveBack(Taken taken) {
        queues.computeIfAbsent(taken.domain(), _ -> new Queue()).events.addFirst(taken.event());
        serve();
    }

    void forget(String domain) {
        queues.remove(domain);
        for (Reader reader : List.copyOf(readers)) {
            if (domain.equals(reader.domain())) {
                readers.remove(reader);
                reader.next().cancel(false);
            }
        }
    }
}
