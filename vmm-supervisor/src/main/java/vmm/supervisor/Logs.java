package vmm.supervisor;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import vmm.core.Ring;
import vmm.wire.supervisor.LogRecord;

/**
 * The newest of what the processes of each domain have said. Reading takes nothing away. Only who
 * has the baton touches it.
 */
final class Logs {
    static final int RECORDS_MAX = 1024;

    /** Where what a process says goes; returns when it was taken, so that nobody floods us. */
    interface Sink {
        void put(List<LogRecord> records) throws InterruptedException;
    }

    /**
     * What a reader gets.
     *
     * @param position where it goes on
     */
    record Batch(long position, List<LogRecord> records) {
        Batch {
            records = List.copyOf(records);
        }
    }

    /**
     * Somebody who waits for what comes after a position.
     *
     * @param topic null for all
     */
    record Reader(
            String domain, @Nullable String topic, long position, CompletableFuture<Batch> next) {}

    private final Map<String, Ring<LogRecord>> rings = new HashMap<>();
    private final Set<Reader> readers = new LinkedHashSet<>();
    private final Clock clock;

    Logs(Clock clock) {
        this.clock = clock;
    }

    void put(String domain, List<LogRecord> records) {
        Ring<LogRecord> ring = rings.computeIfAbsent(domain, _ -> new Ring<>(RECORDS_MAX));
        records.forEach(ring::add);
        for (Reader reader : List.copyOf(readers)) {
            if (reader.domain().equals(domain)) {
                serve(reader, ring);
            }
        }
    }

    /**
     * Waits until something was said.
     *
     * @param position 0 begins with the oldest there is
     */
    Reader read(String domain, @Nullable String topic, long position) {
        var reader = new Reader(domain, topic, position, new CompletableFuture<>());
        readers.add(reader);
        Ring<LogRecord> ring = rings.get(domain);
        if (ring != null) {
            serve(reader, ring);
        }
        return reader;
    }

    private void serve(Reader reader, Ring<LogRecord> ring) {
        // A domain that was removed and made again begins anew.
        long position = Math.min(reader.position(), ring.written());
        long missed = ring.written() - ring.size() - position;
        var found = new ArrayList<LogRecord>();
        if (missed > 0 && position > 0) {
            found.add(new LogRecord(clock.millis(), "", "", LogRecord.LOST, Long.toString(missed)));
        }
        for (LogRecord record : ring.last(ring.written() - position)) {
            if (reader.topic() == null || reader.topic().equals(record.topic())) {
                found.add(record);
            }
        }
        if (!found.isEmpty()) {
            readers.remove(reader);
            reader.next().complete(new Batch(ring.written(), found));
        }
    }

    void leave(Reader reader) {
        readers.remove(reader);
    }

    void forget(String domain) {
        rings.remove(domain);
    }
}
