package vmm.wire.supervisor;

/**
 * New ceilings of a domain, at once if it is started and for every later start (our extension).
 *
 * @param cpuLimit CPUs, 0 is unlimited
 * @param memoryLimitBytes 0 is unlimited; refused if the domain uses more now
 */
public record LimitsRequest(String domain, double cpuLimit, long memoryLimitBytes) {
    public byte[] json() {
        var to = new JsonWriter().object().name("domain").text(domain);
        to.name("cpu_limit").number(cpuLimit);
        return to.name("memory_limit_bytes").number(memoryLimitBytes).endObject().bytes();
    }

    public static LimitsRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new LimitsRequest(
                from.textOrEmpty("domain"),
                from.number("cpu_limit"),
                from.count("memory_limit_bytes").orElse(0));
    }
}
