package vmm.wire.supervisor;

/** SIGTERM to the process group of a process; nobody waits. */
public record TerminateRequest(String name, String domain) {
    public byte[] json() {
        var to = new JsonWriter().object().name("name").text(name);
        return to.name("domain").text(domain).endObject().bytes();
    }

    public static TerminateRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new TerminateRequest(from.textOrEmpty("name"), from.textOrEmpty("domain"));
    }
}
