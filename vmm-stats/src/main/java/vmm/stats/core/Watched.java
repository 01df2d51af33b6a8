package vmm.stats.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import vmm.core.Name;
import vmm.core.Path;
import vmm.wire.Command;

/**
 * A process that is looked at. Two are the same only if they are one object: the successor of a
 * process is another one, whatever its number is.
 *
 * <p>What a sample needs to find its listeners is worked out once, here: names are compared by
 * their strings, which know their hash.
 */
public final class Watched {
    /** Where somebody may have subscribed, and what the unikernel is called from there. */
    record From(String subscription, Name relative) {}

    private final Name name;
    private final Command.StatsAdd process;
    private final List<From> seenFrom;

    public Watched(Name name, Command.StatsAdd process) {
        this.name = name;
        this.process = process;
        var from = new ArrayList<From>();
        from.add(new From(name.toString(), name.relativeTo(name.path())));
        Optional<Path> path = Optional.of(name.path());
        while (path.isPresent()) {
            from.add(new From(Name.of(path.get()).toString(), name.relativeTo(path.get())));
            path = path.get().parent();
        }
        seenFrom = List.copyOf(from);
    }

    public Name name() {
        return name;
    }

    public Command.StatsAdd process() {
        return process;
    }

    /** The string of its name, always the same one. */
    public String key() {
        return seenFrom.getFirst().subscription();
    }

    List<From> seenFrom() {
        return seenFrom;
    }

    @Override
    public String toString() {
        return name + " (pid " + process.pid() + ")";
    }
}
