package vmm.stats.core;

import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import vmm.wire.Header;

/**
 * Everything vmm-stats knows. Keys are the strings of names.
 *
 * @param watched processes by name
 * @param listeners by the name that each subscribed to
 * @param starts how often each name was seen to start, also of those that ended
 * @param exporting everything is looked at, whether somebody subscribed or not
 * @param looking a pass is under way
 * @param missed ticks that came while one was
 */
public record State(
        PMap<String, Watched> watched,
        PMap<String, PSet<Listener>> listeners,
        PMap<String, Long> starts,
        boolean exporting,
        boolean looking,
        long missed) {

    /** A subscription of a client, in the form of its header. */
    public record Listener(long client, Header.Version version) {}

    public static State empty(boolean exporting) {
        return new State(
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                exporting,
                false,
                0);
    }

    State withWatched(PMap<String, Watched> now) {
        return new State(now, listeners, starts, exporting, looking, missed);
    }

    /** Another start of {@code name}; of those that ended long ago not all are remembered. */
    State withStart(String name) {
        PMap<String, Long> known = starts;
        if (known.size() >= Core.WATCHED_MAX) {
            for (String old : starts.keySet()) {
                known = watched.containsKey(old) ? known : known.minus(old);
            }
        }
        Long before = known.get(name);
        return new State(
                watched,
                listeners,
                known.plus(name, before == null ? 1 : before + 1),
                exporting,
                looking,
                missed);
    }

    State withListeners(PMap<String, PSet<Listener>> now) {
        return new State(watched, now, starts, exporting, looking, missed);
    }

    State withLooking(boolean now) {
        return new State(watched, listeners, starts, exporting, now, missed);
    }

    State withMissed() {
        return new State(watched, listeners, starts, exporting, looking, missed + 1);
    }

    PSet<Listener> at(String name) {
        PSet<Listener> there = listeners.get(name);
        return there == null ? HashTreePSet.empty() : there;
    }
}
