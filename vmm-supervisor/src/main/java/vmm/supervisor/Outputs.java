package vmm.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.os.FifoSource;
import vmm.os.Pipe;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.LogRecord;

/**
 * The pipes of a process whose output nobody named a place for: its lines, and its messages on
 * descriptor 3. They are read by one platform thread each, until the last writer has gone.
 */
final class Outputs implements AutoCloseable {
    /** Tells the process where its messages go. */
    static final String VARIABLE = "_LAMBDA_TELEMETRY_LOG_FD";

    static final int DESCRIPTOR = 3;

    /** What a process is given that has none of its own. */
    private static final Map<String, String> OURS = Map.copyOf(System.getenv());

    private static final Logger LOG = LogManager.getLogger(Outputs.class);
    private static final int READ_BYTES = 64 << 10;
    private static final long STACK_BYTES = 256 << 10;

    private final ExecRequest exec;
    private final Optional<Pipe> lines;
    private final Optional<Pipe> messages;

    private Outputs(ExecRequest exec, Optional<Pipe> lines, Optional<Pipe> messages) {
        this.exec = exec;
        this.lines = lines;
        this.messages = messages;
    }

    static Outputs open(ExecRequest exec) throws IOException {
        List<String> formats = exec.formats().orElse(List.of());
        boolean wantsLines = exec.output().isEmpty() && formats.contains(LogRecord.LINE);
        Optional<Pipe> lines = wantsLines ? Optional.of(Pipe.open()) : Optional.empty();
        try {
            return new Outputs(
                    exec,
                    lines,
                    formats.contains(LogRecord.MESSAGE)
                            ? Optional.of(Pipe.open())
                            : Optional.empty());
        } catch (IOException e) {
            if (lines.isPresent()) {
                lines.get().close();
            }
            throw e;
        }
    }

    /** What the process's stdout and stderr are. */
    Optional<String> output() {
        return exec.output().or(() -> lines.map(Pipe::writer));
    }

    /** What the process's descriptor 3 is. */
    Optional<String> messages() {
        return messages.map(Pipe::writer);
    }

    Map<String, String> environment() {
        Map<String, String> given = exec.env().orElse(OURS);
        if (messages.isEmpty()) {
            return given;
        }
        var more = new HashMap<>(given);
        more.put(VARIABLE, Integer.toString(DESCRIPTOR));
        return more;
    }

    /** Begins to read; the process has its ends. */
    void start(Clock clock, Logs.Sink sink) throws IOException {
        if (lines.isPresent()) {
            read(lines.get(), new LogFrames.Lines(exec, clock), sink);
        }
        if (messages.isPresent()) {
            read(messages.get(), new LogFrames.Messages(exec, clock), sink);
        }
    }

    private void read(Pipe pipe, LogFrames frames, Logs.Sink sink) throws IOException {
        FifoSource source = pipe.reader(READ_BYTES);
        Thread.ofPlatform()
                .daemon()
                .name("output of " + exec.name())
                .stackSize(STACK_BYTES)
                .start(() -> readAll(source, frames, sink));
    }

    private static void readAll(FifoSource source, LogFrames frames, Logs.Sink sink) {
        try (source) {
            ByteBuffer bytes = source.read();
            while (bytes.hasRemaining()) {
                var records = new ArrayList<LogRecord>();
                frames.take(bytes, records);
                put(records, sink);
                bytes = source.read();
            }
            var records = new ArrayList<LogRecord>();
            frames.end(records);
            put(records, sink);
        } catch (IOException e) {
            LOG.error("{}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void put(List<LogRecord> records, Logs.Sink sink) throws InterruptedException {
        if (!records.isEmpty()) {
            sink.put(records);
        }
    }

    /** Closes our ends of what was handed down, or of what nobody will read. */
    @Override
    public void close() throws IOException {
        if (lines.isPresent()) {
            lines.get().close();
        }
        if (messages.isPresent()) {
            messages.get().close();
        }
    }
}
