package vmm.daemon.log;

import java.io.PrintStream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.Marker;
import org.apache.logging.log4j.message.Message;
import org.apache.logging.log4j.message.ParameterizedMessageFactory;
import org.apache.logging.log4j.simple.SimpleLogger;
import org.apache.logging.log4j.util.PropertiesUtil;
import org.jspecify.annotations.Nullable;

/** A logger whose lines {@link LogLines} writes; levels are the simple logger's. */
final class LineLogger extends SimpleLogger {
    private static final long serialVersionUID = 1;

    LineLogger(String name, Level level) {
        super(
                name,
                level,
                false,
                false,
                false,
                false,
                "",
                ParameterizedMessageFactory.INSTANCE,
                PropertiesUtil.getProperties(),
                new PrintStream(PrintStream.nullOutputStream()));
    }

    @Override
    public void logMessage(
            String caller,
            Level at,
            @Nullable Marker marker,
            Message message,
            @Nullable Throwable thrown) {
        LogLines.ALL.write(at, message.getFormattedMessage(), thrown);
    }
}
