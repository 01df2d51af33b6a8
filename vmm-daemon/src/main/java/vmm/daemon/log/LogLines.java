package vmm.daemon.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.message.MessageFactory;
import org.apache.logging.log4j.spi.ExtendedLogger;
import org.apache.logging.log4j.spi.LoggerContext;
import org.apache.logging.log4j.spi.LoggerContextFactory;
import org.jspecify.annotations.Nullable;
import vmm.os.InitSocket;

/** All loggers of the process: one line a message, written at once. Any thread. */
public final class LogLines implements LoggerContext, LoggerContextFactory {
    public static final LogLines ALL = new LogLines();

    private static final String SYSLOG = "/dev/log";

    /** The facility of daemons (RFC 5424 6.2.1), times 8. */
    private static final int SYSLOG_DAEMON = 3 << 3;

    /** Whoever has logged no line yet, or to syslog alone, needs none. */
    private static final class Times {
        private static final DateTimeFormatter FORMAT =
                new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

        private Times() {}
    }

    private final FileOutputStream out = new FileOutputStream(FileDescriptor.err);
    private final ConcurrentHashMap<String, LineLogger> loggers = new ConcurrentHashMap<>();
    private volatile Level level = Level.INFO;
    private volatile boolean journal;
    private volatile @Nullable String syslogTag;

    private LogLines() {}

    /**
     * Sets what is written and how.
     *
     * @param least what is less important is left out
     * @param forJournal as systemd's journal reads it: it knows the time, and wants the priority
     */
    public void configure(Level least, boolean forJournal) {
        level = least;
        journal = forJournal;
        loggers.values().forEach(logger -> logger.setLevel(least));
    }

    /** From now on to syslog alone: standard error may be somebody's connection. */
    public void toSyslog(String program) {
        syslogTag = program + "[" + pid() + "]";
    }

    /** The JDK's handle of a process starts a pool of threads for the same number. */
    private static String pid() {
        try {
            return String.valueOf(Files.readSymbolicLink(Path.of("/proc/self")));
        } catch (IOException notMounted) {
            return "?";
        }
    }

    /** False for what is less important than what is written. */
    boolean takes(Level at) {
        return at.isMoreSpecificThan(level);
    }

    void write(Level at, String message, @Nullable Throwable thrown) {
        String tag = syslogTag;
        if (tag != null) {
            writeSyslog(syslogLine(tag, at, message));
            return;
        }
        String line = journal ? journalLine(at, message) : line(Instant.now(), at, message);
        String text = thrown == null ? line : line + trace(thrown);
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException nobodyToTell) {
            // Standard error is where this would be said.
            return;
        }
    }

    private static void writeSyslog(String line) {
        try {
            InitSocket.tell(SYSLOG, line);
        } catch (IOException _) {
            // Nobody listens, and there is nobody else who may be told.
            return;
        }
    }

    static String syslogLine(String tag, Level at, String message) {
        return "<" + (SYSLOG_DAEMON + priority(at)) + ">" + tag + ": " + onOneLine(message);
    }

    static String line(Instant time, Level at, String message) {
        String padded = at.name() + " ".repeat(Math.max(1, 6 - at.name().length()));
        return Times.FORMAT.format(time) + " " + padded + onOneLine(message) + "\n";
    }

    static String journalLine(Level at, String message) {
        return "<" + priority(at) + ">" + onOneLine(message) + "\n";
    }

    private static int priority(Level at) {
        return switch (at.getStandardLevel()) {
            case FATAL -> 2;
            case ERROR -> 3;
            case WARN -> 4;
            case INFO -> 6;
            case DEBUG, TRACE, ALL, OFF -> 7;
        };
    }

    /** Messages quote what peers said: none may look like another line, or drive a terminal. */
    private static String onOneLine(String message) {
        if (message.chars().noneMatch(Character::isISOControl)) {
            return message;
        }
        var text = new StringBuilder();
        message.chars()
                .forEach(
                        c -> {
                            if (Character.isISOControl(c)) {
                                text.append("\\x%02x".formatted(c));
                            } else {
                                text.append((char) c);
                            }
                        });
        return text.toString();
    }

    private static String trace(Throwable thrown) {
        var text = new StringBuilder();
        for (Throwable one = thrown; one != null; one = one.getCause()) {
            text.append(one.equals(thrown) ? "" : "Caused by: ").append(one).append('\n');
            for (StackTraceElement frame : one.getStackTrace()) {
                text.append("\tat ").append(frame).append('\n');
            }
        }
        return text.toString();
    }

    @Override
    public ExtendedLogger getLogger(String name) {
        return loggers.computeIfAbsent(name, n -> new LineLogger(n, level));
    }

    @Override
    public ExtendedLogger getLogger(String name, @Nullable MessageFactory messages) {
        return getLogger(name);
    }

    @Override
    public boolean hasLogger(String name) {
        return loggers.containsKey(name);
    }

    @Override
    public boolean hasLogger(String name, @Nullable MessageFactory messages) {
        return hasLogger(name);
    }

    @Override
    public boolean hasLogger(String name, Class<? extends MessageFactory> messages) {
        return hasLogger(name);
    }

    @Override
    public Object getExternalContext() {
        return this;
    }

    @Override
    public LoggerContext getContext(
            String caller,
            @Nullable ClassLoader loader,
            @Nullable Object externalContext,
            boolean currentContext) {
        return this;
    }

    @Override
    public LoggerContext getContext(
            String caller,
            @Nullable ClassLoader loader,
            @Nullable Object externalContext,
            boolean currentContext,
            @Nullable URI configuration,
            @Nullable String name) {
        return this;
    }

    @Override
    public void removeContext(LoggerContext context) {
        // There is one, for as long as the process lives.
    }

    @Override
    public boolean isClassLoaderDependent() {
        return false;
    }
}
