package vmm.daemon.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.junit.jupiter.api.Test;
import vmm.daemon.Logging;

class LogLinesTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    /** Logs something of each kind. */
    public static final class Talker {
        private Talker() {}

        public static void main(String... arguments) {
            var early = LogManager.getLogger("early");
            Logging.configure(Integer.parseInt(arguments[0]));
            early.debug("debug {}", 1);
            early.info("info {} of {}", 1, "two");
            early.warn("warn");
            LogManager.getLogger(Talker.class).fatal("bug: ", new AssertionError("why"));
        }
    }

    private static String said(String journal, String verbosity) throws Exception {
        var builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Talker.class.getName(),
                        verbosity);
        builder.environment().remove("JOURNAL_STREAM");
        if (!journal.isEmpty()) {
            builder.environment().put("JOURNAL_STREAM", journal);
        }
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return said;
    }

    @Test
    void line_hasTimeAndLevel() {
        assertThat(LogLines.line(TIME, Level.INFO, "listening"))
                .isEqualTo("2026-01-02T03:04:05.000Z INFO  listening\n");
    }

    @Test
    void journalLine_hasItsPriority() {
        assertThat(LogLines.journalLine(Level.FATAL, "x")).isEqualTo("<2>x\n");
        assertThat(LogLines.journalLine(Level.ERROR, "x")).isEqualTo("<3>x\n");
        assertThat(LogLines.journalLine(Level.WARN, "x")).isEqualTo("<4>x\n");
        assertThat(LogLines.journalLine(Level.INFO, "x")).isEqualTo("<6>x\n");
        assertThat(LogLines.journalLine(Level.DEBUG, "x")).isEqualTo("<7>x\n");
    }

    /** What a peer said is quoted: it must not forge a line, or reach the terminal. */
    @Test
    void message_staysOnOneLine() {
        assertThat(LogLines.journalLine(Level.INFO, "a\n<2>b\u001b[2Jc\u009b\u007f ä"))
                .isEqualTo("<6>a\\x0a<2>b\\x1b[2Jc\\x9b\\x7f ä\n");
    }

    @Test
    void loggers_sayWhatIsWanted_alsoThoseThatWereMadeBefore() throws Exception {
        assertThat(said("", "0"))
                .matches("(?s)[^\n]+ INFO  info 1 of two\n[^\n]+ WARN  warn\n[^\n]+ FATAL bug: .*")
                .contains("java.lang.AssertionError: why\n\tat ");
        assertThat(said("", "-1")).doesNotContain("info").contains("WARN  warn");
        assertThat(said("8:9", "1")).startsWith("<7>debug 1\n<6>info 1 of two\n<4>warn\n<2>bug");
    }
}
