package vmm.stats.core;

import java.util.List;

/**
 * What one look at all processes gave.
 *
 * @param ended those that are no more
 */
public record Pass(List<Reading> readings, List<Watched> ended) {
    public Pass {
        readings = List.copyOf(readings);
        ended = List.copyOf(ended);
    }
}
