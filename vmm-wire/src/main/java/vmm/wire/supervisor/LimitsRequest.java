package vmm.wire.supervisor;

import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;

/**
 * New ceilings of a domain, at once if it is started and for every later start (our extension).
 *
 * @param limits refused as a whole if the domain uses more memory now
 */
public record LimitsRequest(String domain, CgroupProfile limits) {
    public LimitsRequest(String domain, double cpuLimit, long memoryLimitBytes) {
        this(domain, new CgroupProfile(cpuLimit, memoryLimitBytes));
    }

    public double cpuLimit() {
        return limits.cpuLimit();
    }

    public long memoryLimitBytes() {
        return limits.memoryLimitBytes();
    }

    public byte[] json() {
        var to = new JsonWriter().object().name("domain").text(domain);
        limits.writeMembers(to);
        return to.endObject().bytes();
    }

    public static LimitsRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new LimitsRequest(from.textOrEmpty("domain"), CgroupProfile.readMembers(from));
    }
}
