package vmm.daemon.log;

import org.apache.logging.log4j.spi.LoggerContextFactory;
import org.apache.logging.log4j.spi.Provider;

/**
 * What Log4j's API finds as its implementation. log4j-core is not used: to set it up takes longer
 * than all the rest of a daemon's start (docs/adr/0011-own-log-lines.md).
 */
public final class LogProvider extends Provider {
    private static final int PRIORITY = 100;

    /** Called by the service loader. */
    public LogProvider() {
        super(PRIORITY, CURRENT_VERSION, LogLines.class);
    }

    @Override
    public LoggerContextFactory getLoggerContextFactory() {
        return LogLines.ALL;
    }
}
