package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.daemon.http.HttpClient;
import vmm.os.Processes;
import vmm.wire.supervisor.FiguresResponse;

/** What is told of real processes to who may not look itself. */
class FiguresTest {
    @TempDir private Path folder;
    private LiveSupervisor live;

    @BeforeEach
    void open() throws IOException {
        live = new LiveSupervisor(folder);
        live.started(Calls.plain("d"));
    }

    @AfterEach
    void close() throws Exception {
        live.close();
    }

    private HttpClient.Reply ask(String query) throws IOException {
        return live.client.get("/figures" + query, Calls.PATIENCE);
    }

    private List<FiguresResponse.Process> figures(List<Long> pids) throws Exception {
        byte[] json = Calls.ok(live.client.get(FiguresResponse.path(pids), Calls.PATIENCE));
        return FiguresResponse.parse(json).processes();
    }

    @Test
    void bytesOfAProcess_areTold_asTheKernelCountsThem() throws Exception {
        Path written = folder.resolve("written");
        String script =
                "head -c 300000 /dev/zero >"
                        + written
                        + "; echo >"
                        + written
                        + ".done;"
                        + " exec sleep 60";
        long pid = Calls.pid(live.exec("d", "writer", script));
        while (!Files.exists(Path.of(written + ".done"))) {
            Thread.onSpinWait();
        }
        FiguresResponse.Process told = figures(List.of(pid)).getFirst();
        assertThat(told.pid()).isEqualTo(pid);
        assertThat(told.startTicks()).isEqualTo(Processes.startTicks((int) pid));
        assertThat(told.outBytes()).isGreaterThanOrEqualTo(300_000);
        assertThat(told.kvm()).isEmpty();
    }

    @Test
    void processesOfOthers_andThoseThatEnded_areLeftOut() throws Exception {
        long pid = Calls.pid(live.exec("d", "sleeper", "exec sleep 60"));
        long own = ProcessHandle.current().pid();
        assertThat(figures(List.of(own, pid, 1L, 9_999_999_999L)))
                .extracting(FiguresResponse.Process::pid)
                .containsExactly(pid);
        Calls.ok(live.kill("d", "sleeper", Duration.ofSeconds(20)));
        assertThat(figures(List.of(pid))).isEmpty();
    }

    @Test
    void questions_areBounded_andMustNameProcesses() throws Exception {
        List<Long> many = LongStream.rangeClosed(1, FiguresResponse.PIDS_MAX).boxed().toList();
        assertThat(figures(many)).isEmpty();
        for (String query :
                List.of(
                        "",
                        "?pids=",
                        "?pids=a",
                        "?pids=-1",
                        "?pids=1,",
                        FiguresResponse.path(many).substring("/figures".length()) + ",129")) {
            HttpClient.Reply reply = ask(query);
            assertThat(reply.status()).as(query).isEqualTo(400);
            assertThat(Calls.error(reply).message()).contains("/figures?pids=1,2");
        }
    }
}
