package vmm.console.core;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Ring;
import vmm.wire.Command;
import vmm.wire.Data;
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

    /** A peer that frames can be put to without waiting. */
    public interface Listener {
        void put(ByteBuffer frame);

        /** Nothing more comes; what waits is still sent. */
        void end();
    }

    private record Subscriber(Listener listener, Header header, boolean utc) {
        ByteBuffer frame(Line line) {
            return FrameWriter.frame(
                    Message.telling(header, new Data.ConsoleLine(utc, line.time(), line.text())));
        }
    }

    private static final class Console {
        final Ring<Line> ring = new Ring<>(RING_LINES);
        final List<Subscriber> subscribers = new ArrayList<>();
        boolean active;
        long usedAt;
    }

    private final Map<Name, Console> consoles = new TreeMap<>();
    private final int subscribersMax;
    private long clock;

    /**
     * @param subscribersMax how many may listen to one console
     */
    public Consoles(int subscribersMax) {
        this.subscribersMax = subscribersMax;
    }

    /** A unikernel starts: {@code rings} is how many its path may run. */
    public void add(Name name, Optional<Long> rings) {
        Console console = consoles.computeIfAbsent(name, _ -> new Console());
        console.active = true;
        console.usedAt = clock++;
        dropInactive(name.path(), rings.orElse(RINGS_DEFAULT));
    }

    /** Inactive ones make room first, the longest unused of them before the others. */
    private void dropInactive(Path path, long rings) {
        long most = rings == Long.MAX_VALUE ? rings : rings + 1;
        while (true) {
            Name oldest = null;
            long oldestUse = Long.MAX_VALUE;
            long count = 0;
            for (Map.Entry<Name, Console> entry : consoles.entrySet()) {
                if (!entry.getKey().path().equals(path)) {
                    continue;
                }
                count++;
                Console console = entry.getValue();
                if (!console.active
                        && console.subscribers.isEmpty()
                        && console.usedAt < oldestUse) {
                    oldest = entry.getKey();
                    oldestUse = console.usedAt;
                }
            }
            if (count <= most || oldest == null) {
                return;
            }
            consoles.remove(oldest);
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

    /** Lines were read; subscribers with the same header share their frames. */
    public void lines(Name name, Instant time, List<String> texts) {
        Console console = consoles.get(name);
        if (console == null) {
            return;
        }
        for (String text : texts) {
            var line = new Line(time, text);
            console.ring.add(line);
            if (!console.subscribers.isEmpty()) {
                tell(console, line);
            }
        }
    }

    private static void tell(Console console, Line line) {
        if (console.subscribers.size() == 1) {
            Subscriber only = console.subscribers.getFirst();
            only.listener().put(only.frame(line));
            return;
        }
        var frames = new HashMap<Header, ByteBuffer>();
        for (Subscriber s : console.subscribers) {
            ByteBuffer frame =
                    s.utc()
                            ? s.frame(line)
                            : frames.computeIfAbsent(s.header(), _ -> s.frame(line));
            s.listener().put(frame);
        }
    }

    /**
     * Answers, gives the history that was asked for, and then every new line: none between is lost.
     */
    public void subscribe(Listener listener, Header header, Command.ConsoleSubscribe command) {
        Name name = header.name();
        if (name.isPath()) {
            listener.put(
                    FrameWriter.frame(
                            Message.failed(header, "'" + name + "' is a path: name a unikernel")));
            listener.end();
            return;
        }
        Console console = consoles.get(name);
        String answer = console == null ? "waiting for VM" : "subscribed";
        if (console == null) {
            console = new Console();
            console.usedAt = clock++;
            consoles.put(name, console);
        }
        listener.put(FrameWriter.frame(Message.done(header, answer)));
        var subscriber = new Subscriber(listener, header, command.utc());
        for (Line line : history(console, command.history())) {
            listener.put(subscriber.frame(line));
        }
        console.subscribers.add(subscriber);
        if (console.subscribers.size() > subscribersMax) {
            console.subscribers.removeFirst().listener().end();
        }
    }

    private static List<Line> history(Console console, Command.History history) {
        return switch (history) {
            case Command.History.Count(var lines) -> console.ring.last(lines);
            case Command.History.Since(var time) ->
                    console.ring.last(RING_LINES).stream()
                            .filter(line -> !line.time().isBefore(time))
                            .toList();
        };
    }

    /** The peer is gone. */
    public void unsubscribe(Listener listener) {
        consoles.values().forEach(c -> c.subscribers.removeIf(s -> s.listener().equals(listener)));
        consoles.values().removeIf(c -> !c.active && c.subscribers.isEmpty() && c.ring.size() == 0);
    }

    /** The names at and below {@code path} whose unikernel is gone, relative to it. */
    public Success listInactive(Path path) {
        return new Success.Consoles(
                consoles.entrySet().stream()
                        .filter(e -> !e.getValue().active && e.getValue().ring.size() > 0)
                        .filter(e -> path.contains(e.getKey().path()))
                        .map(e -> e.getKey().relativeTo(path))
                        .toList());
    }
}
