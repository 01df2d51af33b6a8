package vmm.tls;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import vmm.daemon.metrics.Metrics;

/** What the endpoint counts. Any thread. Without a registry (inetd) it counts for nobody. */
final class Counts {
    private final Optional<Metrics> metrics;
    private final Map<String, LongAdder> named = new ConcurrentHashMap<>();

    Counts(Optional<Metrics> metrics) {
        this.metrics = metrics;
    }

    void connection() {
        add("vmm.tls.connections", "Connections from outside.");
    }

    /**
     * @param result {@code ok}, or what kept it from being
     */
    void handshake(String result) {
        add("vmm.tls.handshakes." + result, "Handshakes that ended as " + result + ".");
    }

    /**
     * @param cause a word of {@link vmm.tls.core.Refusal#cause}
     */
    void refusal(String cause) {
        add("vmm.tls.refusals." + cause, "Valid chains refused for " + cause + ".");
    }

    void cut(String cause) {
        add("vmm.tls.cut." + cause, "Connections cut for " + cause + ".");
    }

    private void add(String name, String help) {
        named.computeIfAbsent(name, n -> counter(n, help)).increment();
    }

    private LongAdder counter(String name, String help) {
        var count = new LongAdder();
        metrics.ifPresent(m -> m.counted(name, help, count::sum));
        return count;
    }
}
