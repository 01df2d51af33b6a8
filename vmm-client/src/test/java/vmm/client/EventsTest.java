package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that break off say how to go on. */
class EventsTest {
    private static final String HEAD =
            "HTTP/1.1 200 -\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String EVENT =
            "{\"sequence\":42,\"time\":\"2026-03-12T23:42:15Z\",\"event\":\"paused\",\"name\":\":x\"}\n";

    @TempDir Path folder;

    private Run follow(String answer, String... more) throws Exception {
        try (var server = new TinyControl(folder, () -> answer)) {
            var line = new ArrayList<>(List.of("events", "--follow"));
            line.addAll(List.of("--socket", server.socket.toString()));
            line.addAll(List.of(more));
            return Run.vmm(line.toArray(String[]::new));
        }
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    @Test
    void follow_namesTheNumberToGoOnWith_whereVmmdDies() throws Exception {
        Run run = follow(HEAD + chunk(EVENT));
        assertThat(run.out()).contains("42 2026-03-12T23:42:15");
        assertThat(run.err()).contains("broke").endsWith("go on with --since 42\n");
        assertThat(run.exit()).isEqualTo(ExitCode.COMMUNICATION_FAILED);
    }

    @Test
    void follow_namesTheNumberToGoOnWith_whereVmmdEndsInOrder() throws Exception {
        Run run = follow(HEAD + chunk(EVENT) + chunk(""));
        assertThat(run.err()).contains("ended").endsWith("go on with --since 42\n");
    }

    @Test
    void follow_namesNoNumber_whereNothingCame() throws Exception {
        Run run = follow(HEAD, "--since", "7");
        assertThat(run.err()).contains("broke").doesNotContain("go on");
    }
}
