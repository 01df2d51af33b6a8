package vmm.wire.supervisor;

/**
 * The answer to exec (its members are our extension).
 *
 * @param startMillis when it was started, Unix time
 */
public record ExecResponse(long pid, long startMillis) {
    public byte[] json() {
        var to = new JsonWriter().object().name("pid").number(pid);
        return to.name("start_millis").number(startMillis).endObject().bytes();
    }

    public static ExecResponse parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new ExecResponse(from.count("pid").orElse(0), from.count("start_millis").orElse(0));
    }
}
