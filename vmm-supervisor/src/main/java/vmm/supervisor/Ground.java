package vmm.supervisor;

import java.util.Map;
import java.util.Optional;
import vmm.os.Cgroup;
import vmm.os.Mounts;

/**
 * What a started domain stands on.
 *
 * @param taps the tap of each device
 * @param mounts its mount namespace, if it has one of its own
 */
record Ground(Map<String, String> taps, Cgroup cgroup, Optional<Mounts> mounts) {
    Ground {
        taps = Map.copyOf(taps);
    }
}
