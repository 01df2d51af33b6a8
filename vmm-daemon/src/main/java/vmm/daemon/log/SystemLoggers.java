package vmm.daemon.log;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * What the JDK itself has to say, among our own lines; what it says to find faults of its own is
 * left out. A program whose own jar, the first of its class path, names it in META-INF/services
 * spares each start the search for another one: that opens every jar.
 */
public final class SystemLoggers extends System.LoggerFinder {
    /** Found by its name, as a service. */
    public SystemLoggers() {}

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new Lines(name);
    }

    private record Lines(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level at) {
            return at.getSeverity() >= Level.INFO.getSeverity()
                    && at != Level.OFF
                    && LogLines.ALL.takes(ours(at));
        }

        @Override
        public void log(
                Level at,
                @Nullable ResourceBundle words,
                String message,
                @Nullable Throwable thrown) {
            if (isLoggable(at)) {
                LogLines.ALL.write(ours(at), name + ": " + message, thrown);
            }
        }

        @Override
        public void log(
                Level at, @Nullable ResourceBundle words, String format, Object... parameters) {
            log(
                    at,
                    words,
                    parameters == null || parameters.length == 0
                            ? format
                            : MessageFormat.format(format, parameters),
                    (Throwable) null);
        }

        private static org.apache.logging.log4j.Level ours(Level at) {
            if (at == Level.ERROR) {
                return org.apache.logging.log4j.Level.ERROR;
            }
            if (at == Level.WARNING) {
                return org.apache.logging.log4j.Level.WARN;
            }
            return org.apache.logging.log4j.Level.INFO;
        }
    }
}
