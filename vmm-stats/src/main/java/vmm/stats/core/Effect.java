package vmm.stats.core;

import java.util.List;
import org.pcollections.PMap;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.wire.Command;
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

    record Watch(Name name, Command.StatsAdd process) implements Effect {}

    record Unwatch(Name name) implements Effect {}

    /** The newest readings, for the exporters. */
    record Publish(List<Reading> readings, PMap<Name, Long> starts) implements Effect {
        public Publish {
            readings = List.copyOf(readings);
        }
    }
}
