package vmm.config;

/** Whose faults are kept. */
public enum Compat {
    /** None: output differs from the original's only where that is wrong. */
    NONE,
    /** Those of release 2.5.0: the same bytes, and main.ml may not compile. */
    V2_5_0
}
