package vmm.daemon.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemLoggersTest {
    private final System.Logger logger =
            new SystemLoggers().getLogger("jdk.thing", Object.class.getModule());

    @AfterEach
    void usualLevel() {
        LogLines.ALL.configure(Level.INFO, false);
    }

    @Test
    void isLoggable_isWhatOurLinesAre() {
        LogLines.ALL.configure(Level.WARN, false);
        assertThat(logger.isLoggable(System.Logger.Level.ERROR)).isTrue();
        assertThat(logger.isLoggable(System.Logger.Level.WARNING)).isTrue();
        assertThat(logger.isLoggable(System.Logger.Level.INFO)).isFalse();
        assertThat(logger.isLoggable(System.Logger.Level.DEBUG)).isFalse();
        LogLines.ALL.configure(Level.DEBUG, false);
        assertThat(logger.isLoggable(System.Logger.Level.INFO)).isTrue();
        assertThat(logger.isLoggable(System.Logger.Level.DEBUG)).isFalse();
        assertThat(logger.getName()).isEqualTo("jdk.thing");
    }
}
