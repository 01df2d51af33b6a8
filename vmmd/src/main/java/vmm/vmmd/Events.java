package vmm.vmmd;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import vmm.core.Bytes;
import vmm.daemon.http.HttpHandler;
import vmm.vmmd.core.Effect;
import vmm.wire.supervisor.JsonWriter;

/**
 * What happened lately, numbered, for those who follow. The core's thread adds; each reader has a
 * place of its own, and one that is too slow hears how many it lost.
 */
final class Events {
    /** How many are kept for who comes late. */
    static final int EVENTS_MAX = 4096;

    private final ConcurrentSkipListMap<Long, Bytes> kept = new ConcurrentSkipListMap<>();
    private final List<Reader> readers = new CopyOnWriteArrayList<>();
    private final long first;
    private long last;

    /** Numbers go on where an earlier vmmd cannot have been: at the milliseconds since 1970. */
    Events(Instant start) {
        last = start.toEpochMilli();
        first = last + 1;
    }

    void add(Effect.Tell told, Instant at) {
        last++;
        byte[] line =
                new JsonWriter()
                        .object()
                        .name("sequence")
                        .number(last)
                        .name("time")
                        .text(at.toString())
                        .name("event")
                        .text(told.what().name().toLowerCase(Locale.ROOT))
                        .name("name")
                        .text(told.name())
                        .name("detail")
                        .text(told.detail())
                        .endObject()
                        .bytes();
        kept.put(last, Bytes.view(line, 0, line.length));
        kept.remove(last - EVENTS_MAX);
        readers.forEach(reader -> reader.more.release());
    }

    /**
     * @param since the number of the last event that was seen; 0 for all that are kept
     * @param follow whether to wait for more after the last one
     */
    HttpHandler.Lines after(long since, boolean follow) {
        var reader = new Reader(since == 0 ? oldest() : since + 1, follow);
        readers.add(reader);
        return reader;
    }

    private long oldest() {
        Map.Entry<Long, Bytes> oldest = kept.firstEntry();
        return oldest == null ? first : oldest.getKey();
    }

    private final class Reader implements HttpHandler.Lines {
        private final Semaphore more = new Semaphore(0);
        private final boolean follow;
        private long next;
        private long afterPeeked;

        Reader(long next, boolean follow) {
            this.next = next;
            this.follow = follow;
        }

        @Override
        public Optional<Bytes> peek(Duration patience) throws InterruptedException {
            Map.Entry<Long, Bytes> found = kept.ceilingEntry(next);
            if (found == null && more.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                more.drainPermits();
                found = kept.ceilingEntry(next);
            }
            if (found == null) {
                return Optional.empty();
            }
            long number = found.getKey();
            afterPeeked = number == next ? number + 1 : number;
            return Optional.of(number == next ? found.getValue() : lost(number));
        }

        /** The gap is told as a line of its own. */
        private Bytes lost(long oldest) {
            byte[] line =
                    new JsonWriter()
                            .object()
                            .name("sequence")
                            .number(oldest - 1)
                            .name("event")
                            .text("lost")
                            .name("detail")
                            .text(
                                    next < first
                                            ? "events of an earlier vmmd"
                                            : (oldest - next) + " events")
                            .endObject()
                            .bytes();
            return Bytes.view(line, 0, line.length);
        }

        @Override
        public void written() {
            next = afterPeeked;
        }

        @Override
        public boolean ended() {
            return !follow && kept.ceilingEntry(next) == null;
        }

        @Override
        public void close() {
            readers.remove(this);
        }
    }
}
