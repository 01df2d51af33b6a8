package vmm.stats.core;

import java.util.List;
import java.util.Map;
import vmm.core.Name;

/**
 * What one look at all processes gave.
 *
 * @param ended names whose process, of that pid, is no more
 */
public record Pass(List<Reading> readings, Map<Name, Long> ended) {
    public Pass {
        readings = List.copyOf(readings);
        ended = Map.copyOf(ended);
    }
}
