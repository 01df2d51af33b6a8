package vmm.stats.core;

import java.io.IOException;
import java.util.Set;
import vmm.core.Name;
import vmm.wire.Command;

/** Reads what the system says of processes and their taps. One thread. */
public interface Sampler extends AutoCloseable {
    /** From now on {@code process} is meant by {@code name}; one that is gone is told as ended. */
    void add(Name name, Command.StatsAdd process);

    void remove(Name name);

    /** Looks at each of {@code names} once. */
    Pass pass(Set<Name> names) throws IOException;

    @Override
    void close() throws IOException;
}
