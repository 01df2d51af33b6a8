package vmm.wire.supervisor;

/** SIGKILL to the process group of a process; answered when it is reaped. */
public record KillRequest(String name, String domain, Deadline deadline) {
    public byte[] json() {
        var to = new JsonWriter().object().name("name").text(name).name("domain").text(domain);
        deadline.write(to);
        return to.endObject().bytes();
    }

    public static KillRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new KillRequest(
                from.textOrEmpty("name"), from.textOrEmpty("domain"), Deadline.read(from));
    }
}
