package vmm.stats.linux;

import java.util.List;
import vmm.wire.supervisor.FiguresResponse;

/** Who may read of processes what we may not. */
@FunctionalInterface
public interface Guard {
    /**
     * What is told of these, or nothing where nobody answers in time.
     *
     * @param pids at most {@link FiguresResponse#PIDS_MAX}
     */
    List<FiguresResponse.Process> figures(List<Long> pids);
}
