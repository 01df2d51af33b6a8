package vmm.wire.supervisor;

/**
 * Something a process has said: a line of its output, or a message it wrote to descriptor 3 (our
 * extension).
 *
 * @param topic the one its start named
 * @param name of the process
 * @param format {@link #LINE}, {@link #MESSAGE}, or {@link #LOST} with the number of records that
 *     the reader came too late for
 */
public record LogRecord(
        long timestampMillis, String topic, String name, String format, String text) {
    public static final String LINE = "line";
    public static final String MESSAGE = "message";
    public static final String LOST = "lost";

    public byte[] json() {
        var to = new JsonWriter().object().name("timestamp_millis").number(timestampMillis);
        to.name("topic").text(topic).name("name").text(name).name("format").text(format);
        return to.name("text").text(text).endObject().bytes();
    }

    public static LogRecord parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new LogRecord(
                from.count("timestamp_millis").orElse(0),
                from.textOrEmpty("topic"),
                from.textOrEmpty("name"),
                from.textOrEmpty("format"),
                from.textOrEmpty("text"));
    }
}
