package vmm.wire.supervisor;

/** The request that names a domain alone: start, freeze, thaw, events, remove. */
public record DomainRequest(String domain) {
    public byte[] json() {
        return new JsonWriter().object().name("domain").text(domain).endObject().bytes();
    }

    public static DomainRequest parse(byte[] json) throws JsonException {
        return new DomainRequest(Fields.parse(json).textOrEmpty("domain"));
    }
}
