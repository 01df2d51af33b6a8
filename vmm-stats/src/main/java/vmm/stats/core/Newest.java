package vmm.stats.core;

import java.util.List;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * The newest readings, for whoever exports them. Nobody samples to answer a question.
 *
 * @param starts how often each name was seen to start
 * @param pass counts the passes
 * @param takenNanos the {@link System#nanoTime} when they were taken
 * @param passNanos CPU time that the last pass took
 */
public record Newest(
        List<Reading> readings,
        PMap<String, Long> starts,
        long pass,
        long takenNanos,
        long passNanos) {
    public static final Newest NONE = new Newest(List.of(), HashTreePMap.empty(), 0, 0, 0);

    public Newest {
        readings = List.copyOf(readings);
    }
}
