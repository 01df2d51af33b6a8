package vmm.wire.der;

/** A fuzz target: a state file. */
public final class StateFuzz {
    private StateFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Targets.state(bytes);
    }
}
