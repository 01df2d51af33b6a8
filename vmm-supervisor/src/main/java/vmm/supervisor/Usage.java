package vmm.supervisor;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import vmm.wire.supervisor.CycleResponse;
import vmm.wire.supervisor.CycleResponse.NetworkBytes;

/** What has been used at one moment, counted from beginnings of its own. All times nanoseconds. */
record Usage(
        long domainCpu,
        long wall,
        long serviceCpu,
        long memoryMaxBytes,
        long machineCpu,
        long idle,
        Map<String, NetworkBytes> networks) {
    static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, Map.of());

    Usage {
        networks = Map.copyOf(networks);
    }

    /** What was used since {@code begin}, as the contract tells it. */
    CycleResponse since(Usage begin) {
        var bytes = new TreeMap<String, NetworkBytes>();
        networks.forEach(
                (name, now) -> {
                    NetworkBytes then = begin.networks().getOrDefault(name, new NetworkBytes(0, 0));
                    bytes.put(
                            name,
                            new NetworkBytes(
                                    grown(now.received(), then.received()),
                                    grown(now.transmitted(), then.transmitted())));
                });
        return new CycleResponse(
                grown(domainCpu, begin.domainCpu()),
                grown(wall, begin.wall()),
                grown(serviceCpu, begin.serviceCpu()),
                memoryMaxBytes,
                grown(machineCpu, begin.machineCpu()),
                networks.isEmpty() ? Optional.empty() : Optional.of(bytes),
                grown(idle, begin.idle()));
    }

    private static long grown(long now, long then) {
        return Math.max(0, now - then);
    }
}
