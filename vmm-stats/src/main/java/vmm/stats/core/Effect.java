package vmm.stats.core;

import java.util.List;
import org.pcollections.PMap;
import vmm.core.Sample;
import vmm.wire.Header;
import vmm.wire.Message;

/** What a step wants done at once, in order. */
public sealed interface Effect {
    /**
     * @param last the connection is closed afterwards
     */
    record Reply(long client, Message message, boolean last) implements Effect {}

    /** One sample for all who hear of it by the same name, in the same form. */
    record Tell(Header header, Sample sample, List<Long> clients) implements Effect {
        public Tell {
            clients = List.copyOf(clients);
        }
    }

    record Watch(Watched watched) implements Effect {}

    record Unwatch(Watched watched) implements Effect {}

    /** The newest readings, for the exporters. */
    record Publish(List<Reading> readings, PMap<String, Long> starts) implements Effect {
        public Publish {
            readings = List.copyOf(readings);
        }
    }
}
