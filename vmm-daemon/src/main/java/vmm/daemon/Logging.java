package vmm.daemon;

import org.apache.logging.log4j.Level;
import vmm.daemon.log.LogLines;

/** What a daemon logs: one line a message, on standard error. */
public final class Logging {
    private Logging() {}

    /**
     * Configures logging.
     *
     * @param verbosity -1 warnings only, 0 as usual, 1 and more everything
     */
    public static void configure(int verbosity) {
        Level level = verbosity < 0 ? Level.WARN : verbosity == 0 ? Level.INFO : Level.DEBUG;
        LogLines.ALL.configure(level, System.getenv("JOURNAL_STREAM") != null);
    }

    /** From now on to syslog alone. */
    public static void toSyslog(String program) {
        LogLines.ALL.toSyslog(program);
    }
}
