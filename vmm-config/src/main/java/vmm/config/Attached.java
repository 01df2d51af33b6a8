package vmm.config;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/** The network and block devices of a graph, each once, in its order, as they were named. */
record Attached(SequencedSet<String> networks, SequencedSet<String> blocks) {
    Attached {
        networks = Collections.unmodifiableSequencedSet(new LinkedHashSet<>(networks));
        blocks = Collections.unmodifiableSequencedSet(new LinkedHashSet<>(blocks));
    }

    static Attached of(List<Node> jobs) {
        var networks = new LinkedHashSet<String>();
        var blocks = new LinkedHashSet<String>();
        Walk.through(
                jobs,
                node -> {
                    if (node instanceof Node.Base(NetDevices.Network(var name))) {
                        networks.add(name);
                    } else if (node instanceof Node.Base(StorageDevices.Block(_, var name))) {
                        blocks.add(name);
                    } else if (node instanceof Node.Base(Docteur files)) {
                        blocks.add(files.disk());
                    }
                });
        return new Attached(networks, blocks);
    }
}
