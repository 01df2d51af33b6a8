package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class GuardedFiguresTest {
    private final KeptFile reader = new KeptFile(GuardedFigures.FILE_BYTES_MAX);
    private final byte[] content = new byte[GuardedFigures.FILE_BYTES_MAX];

    private static GuardedFigures open(long pid) throws IOException {
        int folder = KeptFile.folder("/proc/" + pid);
        try {
            return GuardedFigures.open(pid, folder).orElseThrow();
        } finally {
            Libc.close(folder);
        }
    }

    @Test
    void bytes_grow_byWhatIsReadOfThem() throws Exception {
        try (var figures = open(ProcessHandle.current().pid())) {
            ProcText.Io before = Objects.requireNonNull(figures.io(reader, content));
            ProcText.Io after = Objects.requireNonNull(figures.io(reader, content));
            assertThat(after.readCalls()).isGreaterThan(before.readCalls());
            assertThat(after.writeCalls()).isGreaterThanOrEqualTo(before.writeCalls());
            var counters = new HashMap<String, Long>();
            assertThat(figures.hasCounters(reader, content)).isFalse();
            figures.counters(reader, content, counters::put);
            assertThat(counters).isEmpty();
        }
    }

    @Test
    void processThatEnded_tellsNothing() throws Exception {
        Process sleeper = new ProcessBuilder("sleep", "60").start();
        try (var figures = open(sleeper.pid())) {
            assertThat(figures.io(reader, content)).isNotNull();
            sleeper.destroyForcibly().waitFor();
            assertThat(figures.io(reader, content)).isNull();
        }
    }
}
