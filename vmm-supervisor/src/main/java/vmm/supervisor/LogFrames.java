package vmm.supervisor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.LogRecord;

/** What a process writes, cut into records. One thread. */
sealed interface LogFrames {
    /** A record that is longer goes in pieces. */
    int RECORD_BYTES_MAX = 16 << 10;

    /** Takes all of {@code bytes} and adds the records that are complete. */
    void take(ByteBuffer bytes, List<LogRecord> to);

    /** Adds what was begun when the last writer went. */
    void end(List<LogRecord> to);

    /** One record a line; the line's end and a carriage return before it are left out. */
    final class Lines implements LogFrames {
        private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
        private final ExecRequest exec;
        private final Clock clock;

        Lines(ExecRequest exec, Clock clock) {
            this.exec = exec;
            this.clock = clock;
        }

        @Override
        public void take(ByteBuffer bytes, List<LogRecord> to) {
            while (bytes.hasRemaining()) {
                byte next = bytes.get();
                if (next == '\n') {
                    add(to);
                } else {
                    begun.write(next);
                    if (begun.size() == RECORD_BYTES_MAX) {
                        add(to);
                    }
                }
            }
        }

        private void add(List<LogRecord> to) {
            String text = begun.toString(StandardCharsets.UTF_8);
            begun.reset();
            to.add(
                    new LogRecord(
                            clock.millis(),
                            exec.topic(),
                            exec.name(),
                            LogRecord.LINE,
                            text.endsWith("\r") ? text.substring(0, text.length() - 1) : text));
        }

        @Override
        public void end(List<LogRecord> to) {
            if (begun.size() > 0) {
                add(to);
            }
        }
    }

    /**
     * Frames: a type whose first half is 0xa55a, a length, a time in microseconds, all big-endian,
     * and so many bytes of text. What is no frame ends the reading of this process's messages.
     */
    final class Messages implements LogFrames {
        private static final int HEADER_BYTES = 16;
        private static final int TYPE = 0xa55a;

        private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
        private final ExecRequest exec;
        private final Clock clock;
        private long left;
        private long millis;
        private boolean broken;

        Messages(ExecRequest exec, Clock clock) {
            this.exec = exec;
            this.clock = clock;
        }

        @Override
        public void take(ByteBuffer bytes, List<LogRecord> to) {
            while (bytes.hasRemaining() && !broken) {
                if (header.hasRemaining()) {
                    header.put(bytes.get());
                    if (!header.hasRemaining()) {
                        begin(to);
                    }
                } else {
                    begun.write(bytes.get());
                    left--;
                    if (left == 0 || begun.size() == RECORD_BYTES_MAX) {
                        add(to);
                    }
                }
            }
            bytes.position(bytes.limit());
        }

        private void begin(List<LogRecord> to) {
            broken = (header.getInt(0) >>> 16) != TYPE;
            left = Integer.toUnsignedLong(header.getInt(4));
            millis = header.getLong(8) / 1000;
            if (broken) {
                to.add(
                        new LogRecord(
                                clock.millis(),
                                exec.topic(),
                                exec.name(),
                                LogRecord.MESSAGE,
                                "what was written to descriptor 3 is no frame; the rest of it is"
                                        + " dropped"));
            } else if (left == 0) {
                add(to);
            }
        }

        private void add(List<LogRecord> to) {
            to.add(
                    new LogRecord(
                            millis > 0 ? millis : clock.millis(),
                            exec.topic(),
                            exec.name(),
                            LogRecord.MESSAGE,
                            begun.toString(StandardCharsets.UTF_8)));
            begun.reset();
            if (left == 0) {
                header.clear();
            }
        }

        @Override
        public void end(List<LogRecord> to) {
            if (begun.size() > 0) {
                add(to);
            }
        }
    }
}
