package vmm.stats.core;

import java.util.List;
import org.pcollections.PMap;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.wire.Header;
import vmm.wire.Message;

/** What a step wants done at once, in order. */
public sealed interface Effect {
    /**
     * @param last the connection is closed afterwards
     */
    record Reply(long client, Message message, boolean last) implements Effect {}

    /** The samples of a pass for all who hear of them by the same names, in the same form. */
    record Tell(Header.Version version, List<Named> samples, List<Long> clients) implements Effect {
        public Tell {
            samples = List.copyOf(samples);
            clients = List.copyOf(clients);
        }
    }

    /**
     * @param name as it is called from where somebody subscribed
     */
    record Named(Name name, Sample sample) {}

    record Watch(Watched watched) implements Effect {}

    record Unwatch(Watched watched) implements Effect {}

    /** The newest readings, for the exporters. */
    record Publish(List<Reading> readings, PMap<String, Long> starts) implements Effect {
        public Publish {
            readings = List.copyOf(readings);
        }
    }
}
