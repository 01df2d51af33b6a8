package vmm.stats.core;

import java.util.Set;
import vmm.core.Name;

/** The one job: a pass over these processes, which ends in {@link Input.Sampled}. */
public record Look(Set<Name> names) {
    public Look {
        names = Set.copyOf(names);
    }
}
