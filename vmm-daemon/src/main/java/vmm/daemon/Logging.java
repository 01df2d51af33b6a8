package vmm.daemon;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.appender.ConsoleAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;

/** Log4j2 set up by program: one line a message, on standard error. */
public final class Logging {
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}{UTC} %-5p %msg%n%xEx";

    /** Under systemd the journal knows the time; the number is its priority. */
    private static final String JOURNAL_PATTERN =
            "<%level{FATAL=2, ERROR=3, WARN=4, INFO=6, DEBUG=7, TRACE=7}>%msg%n%xEx";

    private Logging() {}

    /**
     * Configures logging.
     *
     * @param verbosity -1 warnings only, 0 as usual, 1 and more everything
     */
    public static void configure(int verbosity) {
        Level level = verbosity < 0 ? Level.WARN : verbosity == 0 ? Level.INFO : Level.DEBUG;
        boolean journal = System.getenv("JOURNAL_STREAM") != null;
        var builder = ConfigurationBuilderFactory.newConfigurationBuilder();
        builder.setShutdownHook("disable");
        builder.setStatusLevel(Level.ERROR);
        builder.add(
                builder.newAppender("stderr", "Console")
                        .addAttribute("target", ConsoleAppender.Target.SYSTEM_ERR)
                        .add(
                                builder.newLayout("PatternLayout")
                                        .addAttribute(
                                                "pattern", journal ? JOURNAL_PATTERN : PATTERN)));
        builder.add(builder.newRootLogger(level).add(builder.newAppenderRef("stderr")));
        Configurator.reconfigure(builder.build());
    }

    static void flush() {
        LogManager.shutdown();
    }
}
