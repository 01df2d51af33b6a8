package vmm.supervisor;

import java.util.Map;
import java.util.Optional;
import vmm.os.Cgroup;
import vmm.os.Confinement;
import vmm.os.Mounts;

/**
 * What a started domain stands on.
 *
 * @param taps the tap of each device
 * @param confinement what its processes are kept from
 */
record Ground(Map<String, String> taps, Cgroup cgroup, Confinement confinement) {
    Ground {
        taps = Map.copyOf(taps);
    }

    Ground with(Map<String, String> newTaps) {
        return new Ground(newTaps, cgroup, confinement);
    }

    Ground within(Optional<Mounts> mounts) {
        return new Ground(taps, cgroup, confinement.within(mounts));
    }
}
