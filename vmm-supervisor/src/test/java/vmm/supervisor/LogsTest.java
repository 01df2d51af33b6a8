package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.daemon.http.HttpClient;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.LogRecord;

/** What processes say when nobody named a place for it. */
class LogsTest {
    /** A frame as the runtime's loggers write it: type, length, microseconds, text. */
    private static final String FRAMES =
            "printf"
                    + " '\\245\\132\\000\\003\\000\\000\\000\\005\\000\\000\\000\\000\\000\\017\\102\\100a\\n"
                    + "b\\303\\274' >&3;printf"
                    + " '\\245\\132\\000\\003\\000\\000\\000\\002\\000\\000\\000\\000\\000\\000\\000\\000hi'"
                    + " >&3;";

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(5), ZoneOffset.UTC);

    @TempDir private Path folder;

    private static ExecRequest request(String script, List<String> formats) {
        return new ExecRequest(
                "p",
                "d",
                "/bin/sh",
                List.of("-c", script),
                Optional.empty(),
                Optional.empty(),
                "runtime",
                Optional.of(formats),
                Optional.empty(),
                List.of());
    }

    private static LogRecord next(HttpClient.LineStream lines) throws Exception {
        String line = lines.next();
        if (line == null) {
            throw new AssertionError("the stream ended");
        }
        return LogRecord.parse(line.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void linesAndMessages_areRead_withTheirTopic_byEveryReader() throws Exception {
        var live = new LiveSupervisor(folder);
        try {
            live.started(Calls.plain("d"));
            String script =
                    "[ $_LAMBDA_TELEMETRY_LOG_FD = 3 ] && echo one; echo two >&2; "
                            + FRAMES
                            + " printf last";
            Calls.ok(live.post("/exec", request(script, List.of("line", "message")).json()));
            live.event("d");
            for (int reader = 0; reader < 2; reader++) {
                var seen = new ArrayList<String>();
                try (var lines =
                        live.client.lines("/logs?domain=d&topic=runtime", Calls.PATIENCE)) {
                    for (int i = 0; i < 5; i++) {
                        LogRecord record = next(lines);
                        assertThat(record.topic()).isEqualTo("runtime");
                        assertThat(record.name()).isEqualTo("p");
                        seen.add(record.format() + " " + record.text());
                    }
                }
                assertThat(seen)
                        .containsExactlyInAnyOrder(
                                "line one",
                                "line two",
                                "line last",
                                "message a\nb\u00fc",
                                "message hi");
                assertThat(seen.stream().filter(s -> s.startsWith("line")))
                        .containsExactly("line one", "line two", "line last");
            }
        } finally {
            live.close();
        }
    }

    @Test
    void flood_holdsTheProcessUp_andTheNewestStay() throws Exception {
        var live = new LiveSupervisor(folder);
        try {
            live.started(Calls.plain("d"));
            String script = "i=0; while [ $i -lt 5000 ]; do echo $i; i=$((i+1)); done; echo end";
            Calls.ok(live.post("/exec", request(script, List.of("line")).json()));
            try (var lines = live.client.lines("/logs?domain=d", Calls.PATIENCE)) {
                long counted = 0;
                String text = "";
                while (!text.equals("end")) {
                    LogRecord record = next(lines);
                    text = record.text();
                    boolean lost = record.format().equals(LogRecord.LOST);
                    counted += lost ? Long.parseLong(text) : 1;
                }
                assertThat(counted).isBetween(1L, 5001L);
            }
        } finally {
            live.close();
        }
    }

    @Test
    void logs_needADomain() throws Exception {
        var live = new LiveSupervisor(folder);
        try {
            var reply = live.client.get("/logs", Calls.PATIENCE);
            assertThat(reply.status()).isEqualTo(400);
            assertThat(Calls.error(reply).message()).contains("/logs?domain=");
        } finally {
            live.close();
        }
    }

    private static List<String> cut(LogFrames frames, byte[] bytes, int piece) throws IOException {
        var records = new ArrayList<LogRecord>();
        for (int from = 0; from < bytes.length; from += piece) {
            frames.take(
                    ByteBuffer.wrap(bytes, from, Math.min(piece, bytes.length - from)), records);
        }
        frames.end(records);
        return records.stream().map(LogRecord::text).toList();
    }

    @Test
    void records_areTheSame_howeverTheBytesArrive() throws Exception {
        var exec = request("", List.of());
        byte[] lines = "a\r\n\nb\nrest".getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(36);
        frame.putInt(0xa55a0003)
                .putInt(4)
                .putLong(7000)
                .put("text".getBytes(StandardCharsets.UTF_8));
        frame.putInt(0xa55a0003).putInt(0).putLong(7000);
        for (int piece = 1; piece < 40; piece++) {
            assertThat(cut(new LogFrames.Lines(exec, CLOCK), lines, piece))
                    .containsExactly("a", "", "b", "rest");
            assertThat(cut(new LogFrames.Messages(exec, CLOCK), frame.array(), piece))
                    .containsExactly("text", "");
        }
    }

    @Test
    void records_areBounded_whateverIsClaimed() throws Exception {
        var exec = request("", List.of());
        byte[] endless =
                "x".repeat(3 * LogFrames.RECORD_BYTES_MAX).getBytes(StandardCharsets.UTF_8);
        assertThat(cut(new LogFrames.Lines(exec, CLOCK), endless, 1000))
                .hasSize(3)
                .allMatch(text -> text.length() == LogFrames.RECORD_BYTES_MAX);
        ByteBuffer claim = ByteBuffer.allocate(16 + endless.length);
        claim.putInt(0xa55a0003).putInt(-1).putLong(0).put(endless);
        assertThat(cut(new LogFrames.Messages(exec, CLOCK), claim.array(), 1000)).hasSize(3);
        assertThat(cut(new LogFrames.Messages(exec, CLOCK), endless, 1000))
                .hasSize(1)
                .allMatch(text -> text.contains("no frame"));
    }
}
