package vmm.stats.core;

import java.io.IOException;
import java.util.Collection;

/** Reads what the system says of processes and their taps. One thread. */
public interface Sampler extends AutoCloseable {
    /** Finds what is to be read of {@code watched}; one that is gone already is told as ended. */
    void add(Watched watched);

    void remove(Watched watched);

    /** Looks at each of {@code all} once. */
    Pass pass(Collection<Watched> all) throws IOException;

    @Override
    void close() throws IOException;
}
