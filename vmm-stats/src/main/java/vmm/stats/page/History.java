package vmm.stats.page;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import vmm.core.Sample;
import vmm.stats.core.Newest;
import vmm.stats.core.Reading;

/**
 * The last passes of every unikernel, for charts. Taken in on one thread; whoever draws gets a copy
 * of what is there.
 */
public final class History implements Consumer<Newest> {
    /** How many passes are kept: ten minutes at ten seconds. */
    static final int POINTS = 60;

    private static final double MICROS_PER_SECOND = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    /** What is drawn. */
    enum Line {
        CPU,
        MEMORY,
        SENT,
        RECEIVED
    }

    /** The points of one unikernel, the oldest first. */
    static final class Track {
        private final ReentrantLock lock = new ReentrantLock();
        private final float[] cpuPoints = new float[POINTS];
        private final float[] memoryPoints = new float[POINTS];
        private final float[] sentPoints = new float[POINTS];
        private final float[] receivedPoints = new float[POINTS];
        private int count;
        private int next;
        private long pid;
        private long nanos;
        private double cpu;
        private double sent;
        private double received;

        private void add(double cpuNow, double memory, double sentNow, double receivedNow) {
            lock.lock();
            try {
                cpuPoints[next] = (float) cpuNow;
                memoryPoints[next] = (float) memory;
                sentPoints[next] = (float) sentNow;
                receivedPoints[next] = (float) receivedNow;
                next = (next + 1) % POINTS;
                count = Math.min(POINTS, count + 1);
            } finally {
                lock.unlock();
            }
        }

        float[] line(Line line) {
            lock.lock();
            try {
                float[] all =
                        switch (line) {
                            case CPU -> cpuPoints;
                            case MEMORY -> memoryPoints;
                            case SENT -> sentPoints;
                            case RECEIVED -> receivedPoints;
                        };
                var copy = new float[count];
                for (int i = 0; i < count; i++) {
                    copy[i] = all[Math.floorMod(next - count + i, POINTS)];
                }
                return copy;
            } finally {
                lock.unlock();
            }
        }

        /** The newest point, or 0 where there is none yet. */
        double last(Line line) {
            float[] all = line(line);
            return all.length == 0 ? 0 : all[all.length - 1];
        }
    }

    private volatile Map<String, Track> tracks = Map.of();

    @Override
    public void accept(Newest newest) {
        Map<String, Track> before = tracks;
        var now = new HashMap<String, Track>(newest.readings().size() * 2);
        for (Reading reading : newest.readings()) {
            String name = reading.watched().key();
            Track seen = before.get(name);
            Track track = seen == null ? new Track() : seen;
            update(track, reading, newest.takenNanos());
            now.put(name, track);
        }
        tracks = now;
    }

    private static void update(Track track, Reading reading, long nanos) {
        double cpu = cpuSeconds(reading.sample().use());
        double sent = 0;
        double received = 0;
        for (Sample.Interface tap : reading.sample().interfaces()) {
            sent += tap.inputBytes();
            received += tap.outputBytes();
        }
        double seconds = (nanos - track.nanos) / NANOS_PER_SECOND;
        boolean same = track.pid == reading.watched().process().pid() && track.nanos != 0;
        if (same && seconds > 0) {
            track.add(
                    rate(cpu - track.cpu, seconds),
                    (double) reading.residentBytes(),
                    rate(sent - track.sent, seconds),
                    rate(received - track.received, seconds));
        }
        track.pid = reading.watched().process().pid();
        track.nanos = nanos;
        track.cpu = cpu;
        track.sent = sent;
        track.received = received;
    }

    /** What shrinks was begun anew. */
    private static double rate(double more, double seconds) {
        return Math.max(0, more / seconds);
    }

    private static double cpuSeconds(Sample.ResourceUse use) {
        return use.utime().seconds()
                + use.stime().seconds()
                + ((use.utime().microseconds() + use.stime().microseconds()) / MICROS_PER_SECOND);
    }

    Optional<Track> track(String name) {
        return Optional.ofNullable(tracks.get(name));
    }
}
