package vmm.daemon;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.message.ParameterizedMessage;
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

    /**
     * Loads all that a line needs. Log4j's formatter reads the time zones from a file: a daemon
     * whose first line says that it has no descriptor left could not write it.
     */
    static void load() {
        ParameterizedMessage.format("{}", new Object[] {""});
    }

    /** From now on to syslog alone. */
    public static void toSyslog(String program) {
        LogLines.ALL.toSyslog(program);
    }
}
