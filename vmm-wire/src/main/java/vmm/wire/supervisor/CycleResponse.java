package vmm.wire.supervisor;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The answer to stop and freeze: what a domain used since it was started or thawed. All times are
 * nanoseconds.
 */
public record CycleResponse(
        long domainCpuRunNs,
        long domainRunNs,
        long serviceCpuRunNs,
        long domainMaxMemoryUsageBytes,
        long microvmCpuRunNs,
        Optional<Map<String, NetworkBytes>> networks,
        long idleCpuRunNs) {
    public static final CycleResponse ZERO = new CycleResponse(0, 0, 0, 0, 0, Optional.empty(), 0);

    public CycleResponse {
        networks = networks.map(Map::copyOf);
    }

    public record NetworkBytes(long received, long transmitted) {}

    public byte[] json() {
        var to = new JsonWriter().object().name("cycle_delta_metrics").object();
        to.name("domain_cpu_run_ns").number(domainCpuRunNs);
        to.name("domain_run_ns").number(domainRunNs);
        to.name("service_cpu_run_ns").number(serviceCpuRunNs);
        to.name("domain_max_memory_usage_bytes").number(domainMaxMemoryUsageBytes);
        to.name("microvm_cpu_run_ns").number(microvmCpuRunNs);
        to.name("microvm_network_interfaces");
        if (networks.isEmpty()) {
            to.text(null);
        } else {
            to.object();
            new TreeMap<>(networks.get())
                    .forEach(
                            (name, bytes) -> {
                                to.name(name).object();
                                to.name("received_bytes").number(bytes.received());
                                to.name("transmitted_bytes").number(bytes.transmitted());
                                to.endObject();
                            });
            to.endObject();
        }
        to.name("idle_cpu_run_ns").number(idleCpuRunNs);
        return to.endObject().endObject().bytes();
    }

    public static CycleResponse parse(byte[] json) throws JsonException {
        Optional<Fields> found = Fields.parse(json).object("cycle_delta_metrics");
        if (found.isEmpty()) {
            return ZERO;
        }
        Fields from = found.get();
        Optional<Fields> interfaces = from.object("microvm_network_interfaces");
        var networks = new TreeMap<String, NetworkBytes>();
        if (interfaces.isPresent()) {
            for (String name : interfaces.get().names()) {
                Fields one = interfaces.get().object(name).orElseThrow();
                networks.put(
                        name,
                        new NetworkBytes(
                                one.count("received_bytes").orElse(0),
                                one.count("transmitted_bytes").orElse(0)));
            }
        }
        return new CycleResponse(
                from.count("domain_cpu_run_ns").orElse(0),
                from.count("domain_run_ns").orElse(0),
                from.count("service_cpu_run_ns").orElse(0),
                from.count("domain_max_memory_usage_bytes").orElse(0),
                from.count("microvm_cpu_run_ns").orElse(0),
                interfaces.isPresent() ? Optional.of(networks) : Optional.empty(),
                from.count("idle_cpu_run_ns").orElse(0));
    }
}
