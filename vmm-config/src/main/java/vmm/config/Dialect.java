package vmm.config;

/** Which release of Mirage is written for. */
public enum Dialect {
    /** Release 2.5; output differs from the original's only where that is wrong. */
    MIRAGE_2_5("2.5"),
    /** Release 2.5.0 with its faults: the same bytes, and main.ml may not compile. */
    MIRAGE_2_5_0("2.5.0"),
    /** Release 4. */
    MIRAGE_4("4");

    private final String release;

    Dialect(String release) {
        this.release = release;
    }

    /** The dialect that a target has where nothing else is said. */
    public static Dialect of(Target target) {
        return target.isClassic() ? MIRAGE_2_5 : MIRAGE_4;
    }

    /** The dialect of a release. */
    public static Dialect of(String release) {
        for (Dialect dialect : values()) {
            if (dialect.release.equals(release)) {
                return dialect;
            }
        }
        throw new ConfigException(
                "no dialect '" + release + "': there are 2.5, 2.5.0 (with its faults) and 4");
    }

    @Override
    public String toString() {
        return release;
    }
}
