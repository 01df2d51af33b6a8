package vmm.wire.supervisor;

/**
 * One line of the event stream.
 *
 * @param timestampMillis Unix time
 */
public record Event(long timestampMillis, EventData data) {
    public byte[] json() {
        var to = new JsonWriter().object().name("timestamp_millis").number(timestampMillis);
        data.write(to.name("event"));
        return to.endObject().bytes();
    }

    public static Event parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new Event(
                from.count("timestamp_millis").orElse(0),
                from.has("event")
                        ? EventData.read(from.object("event").orElseThrow())
                        : EventData.EMPTY);
    }
}
