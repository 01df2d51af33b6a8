package vmm.wire.supervisor;

/** Says why bytes are not the JSON that was asked for. */
public final class JsonException extends Exception {
    private static final long serialVersionUID = 1;

    public JsonException(String why) {
        super(why);
    }
}
