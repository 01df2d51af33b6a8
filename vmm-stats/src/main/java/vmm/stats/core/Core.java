package vmm.stats.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.PMap;
import org.pcollections.PSet;
import vmm.core.Name;
import vmm.daemon.Step;
import vmm.stats.core.State.Listener;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;

/** The decisions of vmm-stats (BEHAVIOUR 10): who is watched, who hears of it, by which name. */
public final class Core {
    /** More processes than a host can run; a client that adds without end stops here. */
    public static final int WATCHED_MAX = 16_384;

    /** Subscriptions of all clients together. */
    public static final int SUBSCRIPTIONS_MAX = 1024;

    private Core() {}

    public static Step<State, Effect, Look> step(State state, Input input) {
        return switch (input) {
            case Input.Asked(var client, var header, var command) ->
                    asked(state, client, header, command);
            case Input.Left(var client) -> Step.stay(left(state, client));
            case Input.Tick() -> tick(state);
            case Input.Sampled(var pass) -> sampled(state, pass);
        };
    }

    private static Step<State, Effect, Look> asked(
            State state, long client, Header header, Command command) {
        return switch (command) {
            case Command.StatsAdd add -> added(state, client, header, add);
            case Command.StatsRemove() -> removed(state, client, header);
            case Command.StatsSubscribe() -> subscribed(state, client, header);
            case Command.StatsInitial() -> refused(state, client, header, "unexpected initial");
            case Command.Console _, Command.Unikernel _, Command.Policies _, Command.Block _ ->
                    refused(state, client, header, "only statistics commands are understood here");
        };
    }

    private static Step<State, Effect, Look> refused(
            State state, long client, Header header, String why) {
        return effects(state, new Effect.Reply(client, Message.failed(header, why), true));
    }

    private static Step<State, Effect, Look> added(
            State state, long client, Header header, Command.StatsAdd process) {
        Name name = header.name();
        Optional<String> why = problem(state, name, process);
        if (why.isPresent()) {
            // The connection goes on: it may be vmmd's.
            return effects(
                    state, new Effect.Reply(client, Message.failed(header, why.get()), false));
        }
        String key = name.toString();
        Watched before = state.watched().get(key);
        boolean known = before != null && before.process().pid() == process.pid();
        State counted = known ? state : state.withStart(key);
        // Also where it is known: it may be another process with the same number.
        var watched = new Watched(name, process);
        var effects = new ArrayList<Effect>();
        if (before != null) {
            effects.add(new Effect.Unwatch(before));
        }
        effects.add(new Effect.Watch(watched));
        effects.add(new Effect.Reply(client, Message.done(header, "added"), false));
        return new Step<>(
                counted.withWatched(state.watched().plus(key, watched)), effects, List.of());
    }

    private static Step<State, Effect, Look> removed(State state, long client, Header header) {
        String key = header.name().toString();
        var reply = new Effect.Reply(client, Message.done(header, "removed"), false);
        Watched gone = state.watched().get(key);
        return gone == null
                ? effects(state, reply)
                : effects(
                        state.withWatched(state.watched().minus(key)),
                        new Effect.Unwatch(gone),
                        reply);
    }

    private static Optional<String> problem(State state, Name name, Command.StatsAdd process) {
        if (name.isPath()) {
            return Optional.of("'" + name + "' is a path");
        }
        if (process.pid() <= 0 || process.pid() > Integer.MAX_VALUE) {
            return Optional.of("there is no process " + process.pid());
        }
        if (state.watched().size() >= WATCHED_MAX
                && !state.watched().containsKey(name.toString())) {
            return Optional.of("more than " + WATCHED_MAX + " unikernels are watched");
        }
        return Optional.empty();
    }

    private static Step<State, Effect, Look> subscribed(State state, long client, Header header) {
        int all = state.listeners().values().stream().mapToInt(Set::size).sum();
        if (all >= SUBSCRIPTIONS_MAX) {
            return refused(
                    state, client, header, "more than " + SUBSCRIPTIONS_MAX + " subscriptions");
        }
        String name = header.name().toString();
        PSet<Listener> there = state.at(name).plus(new Listener(client, header.version()));
        return effects(
                state.withListeners(state.listeners().plus(name, there)),
                new Effect.Reply(client, Message.done(header, "subscribed"), false));
    }

    private static State left(State state, long client) {
        PMap<String, PSet<Listener>> listeners = state.listeners();
        for (Map.Entry<String, PSet<Listener>> at : state.listeners().entrySet()) {
            PSet<Listener> rest = at.getValue();
            for (Listener listener : at.getValue()) {
                rest = listener.client() == client ? rest.minus(listener) : rest;
            }
            listeners =
                    rest.isEmpty()
                            ? listeners.minus(at.getKey())
                            : listeners.plus(at.getKey(), rest);
        }
        return state.withListeners(listeners);
    }

    private static Step<State, Effect, Look> tick(State state) {
        if (state.looking()) {
            return Step.stay(state.withMissed());
        }
        Collection<Watched> wanted = wanted(state);
        if (wanted.isEmpty()) {
            return effects(state, new Effect.Publish(List.of(), state.starts()));
        }
        return new Step<>(state.withLooking(true), List.of(), List.of(new Look(wanted)));
    }

    private static Collection<Watched> wanted(State state) {
        if (state.exporting() || state.listeners().containsKey(Name.ROOT.toString())) {
            return state.watched().values();
        }
        var wanted = new ArrayList<Watched>();
        for (Watched watched : state.watched().values()) {
            if (watched.seenFrom().stream()
                    .anyMatch(from -> state.listeners().containsKey(from.subscription()))) {
                wanted.add(watched);
            }
        }
        return wanted;
    }

    private static Step<State, Effect, Look> sampled(State state, Pass pass) {
        PMap<String, Watched> watched = state.watched();
        var effects = new ArrayList<Effect>();
        for (Watched ended : pass.ended()) {
            if (isCurrent(watched, ended)) {
                watched = watched.minus(ended.key());
                effects.add(new Effect.Unwatch(ended));
            }
        }
        var current = new ArrayList<Reading>(pass.readings().size());
        Map<String, List<Audience>> audiences = audiences(state);
        for (Reading reading : pass.readings()) {
            if (isCurrent(watched, reading.watched())) {
                current.add(reading);
                gather(audiences, reading);
            }
        }
        for (List<Audience> there : audiences.values()) {
            for (Audience audience : there) {
                if (!audience.samples.isEmpty()) {
                    effects.add(
                            new Effect.Tell(audience.version, audience.samples, audience.clients));
                }
            }
        }
        effects.add(new Effect.Publish(current, state.starts()));
        return new Step<>(state.withWatched(watched).withLooking(false), effects, List.of());
    }

    /** False where vmmd told of a successor, or of the end, while the pass was under way. */
    private static boolean isCurrent(PMap<String, Watched> watched, Watched one) {
        return one.equals(watched.get(one.key()));
    }

    /** Who listens at one place in one form, and what is to be told there. */
    private static final class Audience {
        private final Header.Version version;
        private final List<Long> clients;
        private final List<Effect.Named> samples = new ArrayList<>();

        private Audience(Header.Version version, List<Long> clients) {
            this.version = version;
            this.clients = clients;
        }
    }

    /** Worked out once for all readings of a pass. */
    private static Map<String, List<Audience>> audiences(State state) {
        var audiences = new HashMap<String, List<Audience>>();
        for (Map.Entry<String, PSet<Listener>> at : state.listeners().entrySet()) {
            var there = new ArrayList<Audience>();
            for (Header.Version version : Header.Version.values()) {
                List<Long> clients = clients(at.getValue(), version);
                if (!clients.isEmpty()) {
                    there.add(new Audience(version, clients));
                }
            }
            audiences.put(at.getKey(), there);
        }
        return audiences;
    }

    private static void gather(Map<String, List<Audience>> audiences, Reading reading) {
        if (audiences.isEmpty()) {
            return;
        }
        for (Watched.From from : reading.watched().seenFrom()) {
            List<Audience> there = audiences.get(from.subscription());
            if (there != null) {
                var named = new Effect.Named(from.relative(), reading.sample());
                for (Audience audience : there) {
                    audience.samples.add(named);
                }
            }
        }
    }

    private static List<Long> clients(PSet<Listener> listeners, Header.Version version) {
        var clients = new ArrayList<Long>();
        for (Listener listener : listeners) {
            if (listener.version() == version) {
                clients.add(listener.client());
            }
        }
        return clients;
    }

    private static Step<State, Effect, Look> effects(State state, Effect... effects) {
        return new Step<>(state, List.of(effects), List.of());
    }
}
