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
        add("vmm.tls.connections", "Connections from outside.", "", "");
    }

    /**
     * @param result {@code ok}, or what kept it from being
     */
    void handshake(String result) {
        add("vmm.tls.handshakes", "Handshakes by how they ended.", "result", result);
    }

    /**
     * @param cause a word of {@link vmm.tls.core.Refusal#cause}
     */
    void refusal(String cause) {
        add("vmm.tls.refusals", "Valid chains that were refused, by cause.", "cause", cause);
    }

    void cut(String cause) {
        add("vmm.tls.cut", "Connections cut, by cause.", "cause", cause);
    }

    private void add(String name, String help, String label, String of) {
        named.computeIfAbsent(name + of, _ -> counter(name, help, label, of)).increment();
    }

    private LongAdder counter(String name, String help, String label, String of) {
        var count = new LongAdder();
        metrics.ifPresent(
                m -> {
                    if (label.isEmpty()) {
                        m.counted(name, help, count::sum);
                    } else {
                        m.counted(name, help, label, of, count::sum);
                    }
                });
        return count;
    }
}
