package vmm.wire.supervisor;

/** SIGKILL to every process of a domain; answered when all are reaped. */
public record StopRequest(String domain, Deadline deadline) {
    public byte[] json() {
        var to = new JsonWriter().object().name("domain").text(domain);
        deadline.write(to);
        return to.endObject().bytes();
    }

    public static StopRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new StopRequest(from.textOrEmpty("domain"), Deadline.read(from));
    }
}
