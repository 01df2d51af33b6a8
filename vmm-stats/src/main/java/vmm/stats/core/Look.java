package vmm.stats.core;

import java.util.Collection;
import java.util.List;

/** The one job: a pass over all of these, which ends in {@link Input.Sampled}. */
public record Look(Collection<Watched> all) {
    public Look {
        all = List.copyOf(all);
    }
}
