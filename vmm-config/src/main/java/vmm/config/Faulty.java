package vmm.config;

/** Ends a run that was to give what the original gives, and cannot without its faults. */
final class Faulty extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Faulty(String what) {
        super(what, null, false, false);
    }
}
