package vmm.config;

/** A configuration that cannot be; the message names the device or key, and is one line. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String why) {
        super(why, null, false, false);
    }

    /** The message. */
    public String why() {
        String why = getMessage();
        return why == null ? "" : why;
    }
}
