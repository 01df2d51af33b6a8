package vmm.stats.core;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.PMap;
import org.pcollections.PSet;
import vmm.core.Name;
import vmm.core.Path;
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
            case Command.StatsRemove() ->
                    effects(
                            state.withWatched(state.watched().minus(header.name())),
                            new Effect.Unwatch(header.name()),
                            new Effect.Reply(client, Message.done(header, "removed"), false));
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
        // Also what is known already: the sampler looks whether it is still that very process.
        Command.StatsAdd before = state.watched().get(name);
        State counted =
                before != null && before.pid() == process.pid() ? state : state.withStart(name);
        return effects(
                counted.withWatched(state.watched().plus(name, process)),
                new Effect.Watch(name, process),
                new Effect.Reply(client, Message.done(header, "added"), false));
    }

    private static Optional<String> problem(State state, Name name, Command.StatsAdd process) {
        if (name.isPath()) {
            return Optional.of("'" + name + "' is a path");
        }
        if (process.pid() <= 0 || process.pid() > Integer.MAX_VALUE) {
            return Optional.of("there is no process " + process.pid());
        }
        if (state.watched().size() >= WATCHED_MAX && !state.watched().containsKey(name)) {
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
        Name name = header.name();
        PSet<Listener> there = state.at(name).plus(new Listener(client, header.version()));
        return effects(
                state.withListeners(state.listeners().plus(name, there)),
                new Effect.Reply(client, Message.done(header, "subscribed"), false));
    }

    private static State left(State state, long client) {
        PMap<Name, PSet<Listener>> listeners = state.listeners();
        for (Map.Entry<Name, PSet<Listener>> at : state.listeners().entrySet()) {
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
        Set<Name> wanted = wanted(state);
        if (wanted.isEmpty()) {
            return effects(state, new Effect.Publish(List.of(), state.starts()));
        }
        return new Step<>(state.withLooking(true), List.of(), List.of(new Look(wanted)));
    }

    private static Set<Name> wanted(State state) {
        if (state.exporting() || state.listeners().containsKey(Name.ROOT)) {
            return state.watched().keySet();
        }
        var wanted = new HashSet<Name>();
        for (Name name : state.watched().keySet()) {
            if (namesAbove(name).stream().anyMatch(state.listeners()::containsKey)) {
                wanted.add(name);
            }
        }
        return wanted;
    }

    /** The name itself, its path, and every path above: where somebody may have subscribed. */
    private static List<Name> namesAbove(Name name) {
        var names = new ArrayList<Name>(name.path().depth() + 2);
        names.add(name);
        Optional<Path> path = Optional.of(name.path());
        while (path.isPresent()) {
            names.add(Name.of(path.get()));
            path = path.get().parent();
        }
        return names;
    }

    private static Step<State, Effect, Look> sampled(State state, Pass pass) {
        PMap<Name, Command.StatsAdd> watched = state.watched();
        var effects = new ArrayList<Effect>();
        for (Map.Entry<Name, Long> ended : pass.ended().entrySet()) {
            Command.StatsAdd known = watched.get(ended.getKey());
            // vmmd may have told of a successor meanwhile.
            if (known != null && known.pid() == ended.getValue()) {
                watched = watched.minus(ended.getKey());
                effects.add(new Effect.Unwatch(ended.getKey()));
            }
        }
        var current = new ArrayList<Reading>(pass.readings().size());
        for (Reading reading : pass.readings()) {
            Command.StatsAdd known = watched.get(reading.name());
            if (known != null && known.pid() == reading.pid()) {
                current.add(reading);
                tell(state, reading, effects);
            }
        }
        effects.add(new Effect.Publish(current, state.starts()));
        return new Step<>(state.withWatched(watched).withLooking(false), effects, List.of());
    }

    private static void tell(State state, Reading reading, List<Effect> effects) {
        if (state.listeners().isEmpty()) {
            return;
        }
        for (Name at : namesAbove(reading.name())) {
            var clients = new EnumMap<Header.Version, List<Long>>(Header.Version.class);
            for (Listener listener : state.at(at)) {
                clients.computeIfAbsent(listener.version(), _ -> new ArrayList<>())
                        .add(listener.client());
            }
            Name relative = reading.name().relativeTo(at.path());
            clients.forEach(
                    (version, who) ->
                            effects.add(
                                    new Effect.Tell(
                                            new Header(version, 0, relative),
                                            reading.sample(),
                                            who)));
        }
    }

    private static Step<State, Effect, Look> effects(State state, Effect... effects) {
        return new Step<>(state, List.of(effects), List.of());
    }
}
