package vmm.wire.der;

/** A fuzz target: the content of a frame. */
public final class MessageFuzz {
    private MessageFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Targets.message(bytes);
    }
}
