package vmm.console.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import vmm.core.Name;
import vmm.core.Path;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.channel.FrameWriter;

/**
 * All consoles: a ring each, which outlives its unikernel, and who listens (BEHAVIOUR 8). Held by
 * one thread; does no input or output.
 */
public final class Consoles {
    public static final int RING_LINES = 1024;

    /** How many inactive rings a path may keep where vmmd does not say. */
    private static final long RINGS_DEFAULT = 64;

    /** How many may listen to one console for a moment, beside those who stay. */
    private static final int VISITORS_MAX = 16;

    /** A peer that frames can be put to without waiting. */
    public interface Listener {
        /**
         * Takes frames or drops them, but never waits.
         *
         * @param frames whole ones, which others may share
         * @param count how many
         */
        void put(ByteBuffer frames, int count);

        /** Waits for a peer that reads, within bounds; never called by the core. */
        void pace() throws InterruptedException;

        /** Nothing more comes; what waits is still sent. */
        void end();
    }

    private static final class Subscriber {
        final Listener listener;
        final LineFrames frames;

        /** True once it has a place: it did not come for the past alone. */
        boolean stays;

        Subscriber(Listener listener, LineFrames frames) {
            this.listener = listener;
            this.frames = frames;
        }

        Listener listener() {
            return listener;
        }

        LineFrames frames() {
            return frames;
        }

        void tell(LineRing.Part part) {
            for (LineFrames.Chunk chunk : frames.of(part)) {
                listener.put(chunk.frames(), chunk.lines());
            }
        }
    }

    private static final class Console {
        final LineRing ring = new LineRing(RING_LINES);
        final List<Subscriber> subscribers = new ArrayList<>();
        List<Listener> audience = List.of();
        boolean active;

        /** Made for a unikernel, and not by one who listens for the day when there is one. */
        boolean started;

        long usedAt;

        void hearersChanged() {
            audience = subscribers.stream().map(Subscriber::listener).toList();
        }
    }

    private final Map<Name, Console> consoles = new TreeMap<>();
    private final int subscribersMax;
    private final long ringsBytesMax;
    private long ringsBytes;
    private long clock;

    /**
     * @param subscribersMax how many may listen to one console
     * @param ringsBytesMax how much memory the lines of all rings may take
     */
    public Consoles(int subscribersMax, long ringsBytesMax) {
        this.subscribersMax = subscribersMax;
        this.ringsBytesMax = ringsBytesMax;
    }

    /** A unikernel starts: {@code rings} is how many its path may run. */
    public void add(Name name, Optional<Long> rings) {
        Console console = consoles.computeIfAbsent(name, _ -> new Console());
        console.active = true;
        console.started = true;
        console.usedAt = clock++;
        dropInactive(name.path(), rings.orElse(RINGS_DEFAULT));
    }

    /** Inactive ones make room first, the longest unused of them before the others. */
    private void dropInactive(Path path, long rings) {
        long most = rings == Long.MAX_VALUE ? rings : rings + 1;
        while (true) {
            Map.Entry<Name, Console> oldest = null;
            long count = 0;
            for (Map.Entry<Name, Console> entry : consoles.entrySet()) {
                if (!entry.getKey().path().equals(path)) {
                    continue;
                }
                count++;
                Console console = entry.getValue();
                if (!console.active
                        && console.subscribers.isEmpty()
                        && (oldest == null || console.usedAt < oldest.getValue().usedAt)) {
                    oldest = entry;
                }
            }
            if (count <= most || oldest == null) {
                return;
            }
            ringsBytes -= oldest.getValue().ring.memoryBytes();
            consoles.remove(oldest.getKey());
        }
    }

    /** Its last writer has gone. */
    public void ended(Name name) {
        Console console = consoles.get(name);
        if (console != null) {
            console.active = false;
            console.usedAt = clock++;
        }
    }

    /** Lines were read; returns who hears them. Who has the same header shares the frames. */
    public List<Listener> lines(Name name, Block block) {
        Console console = consoles.get(name);
        if (console == null || block.count() == 0) {
            return List.of();
        }
        keep(console.ring, block);
        LineRing.Part part = LineRing.Part.whole(block);
        for (Subscriber subscriber : console.subscribers) {
            subscriber.tell(part);
        }
        console.subscribers.forEach(s -> s.frames().forget());
        return console.audience;
    }

    /** Where memory ends, who has the most gives: one that prints much leaves the others alone. */
    private void keep(LineRing ring, Block block) {
        ringsBytes -= ring.memoryBytes();
        ring.add(block);
        ringsBytes += ring.memoryBytes();
        while (ringsBytes > ringsBytesMax) {
            LineRing largest =
                    ring.memoryBytes() > ringsBytesMax / consoles.size() ? ring : largest();
            ringsBytes -= largest.memoryBytes();
            largest.dropOldest();
            ringsBytes += largest.memoryBytes();
        }
    }

    private LineRing largest() {
        return Collections.max(
                        consoles.values(), Comparator.comparingLong(c -> c.ring.memoryBytes()))
                .ring;
    }

    /**
     * Answers, gives the history that was asked for, and then every new line: none between is lost.
     */
    public void subscribe(Listener listener, Header header, Command.ConsoleSubscribe command) {
        Name name = header.name();
        if (name.isPath()) {
            answer(listener, Message.failed(header, "'" + name + "' is a path: name a unikernel"));
            listener.end();
            return;
        }
        Console console = consoles.get(name);
        String text = console == null ? "waiting for VM" : "subscribed";
        if (console == null) {
            console = new Console();
            console.usedAt = clock++;
            consoles.put(name, console);
        }
        answer(listener, Message.done(header, text));
        var subscriber = new Subscriber(listener, frames(console, header, command.utc()));
        history(console, command.history()).forEach(subscriber::tell);
        subscriber.frames().forget();
        console.subscribers.add(subscriber);
        if (console.subscribers.size() > subscribersMax + VISITORS_MAX) {
            console.subscribers.removeFirst().listener().end();
        }
        console.hearersChanged();
    }

    /** A subscriber of {@code name} stays: it gets a place, if need be the oldest one's. */
    public void settle(Listener listener, Name name) {
        Console console = consoles.get(name);
        if (console == null) {
            return;
        }
        Optional<Subscriber> oldest = Optional.empty();
        int staying = 0;
        for (Subscriber subscriber : console.subscribers) {
            subscriber.stays |= subscriber.listener().equals(listener);
            staying += subscriber.stays ? 1 : 0;
            oldest = oldest.isEmpty() && subscriber.stays ? Optional.of(subscriber) : oldest;
        }
        if (staying > subscribersMax && oldest.isPresent()) {
            console.subscribers.remove(oldest.get());
            oldest.get().listener().end();
            console.hearersChanged();
        }
    }

    private static void answer(Listener listener, Message message) {
        listener.put(FrameWriter.frame(message), 1);
    }

    private static LineFrames frames(Console console, Header header, boolean utc) {
        for (Subscriber other : console.subscribers) {
            if (other.frames().isFor(header, utc)) {
                return other.frames();
            }
        }
        return new LineFrames(header, utc);
    }

    private static List<LineRing.Part> history(Console console, Command.History history) {
        return switch (history) {
            case Command.History.Count(var lines) -> console.ring.last(lines);
            case Command.History.Since(var time) -> console.ring.since(time);
        };
    }

    /** The peer is gone. */
    public void unsubscribe(Listener listener) {
        for (Console console : consoles.values()) {
            if (console.subscribers.removeIf(s -> s.listener().equals(listener))) {
                console.hearersChanged();
            }
        }
        consoles.values().removeIf(c -> !c.started && c.subscribers.isEmpty());
    }

    /** The names at and below {@code path} whose unikernel is gone, relative to it. */
    public Success listInactive(Path path) {
        return new Success.Consoles(
                consoles.entrySet().stream()
                        .filter(e -> !e.getValue().active && e.getValue().started)
                        .filter(e -> path.contains(e.getKey().path()))
                        .map(e -> e.getKey().relativeTo(path))
                        .toList());
    }
}
