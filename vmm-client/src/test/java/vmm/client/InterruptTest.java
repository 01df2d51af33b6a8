package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Bytes;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.channel.FrameWriter;

/** Commands that wait for a daemon, as processes of their own that are interrupted. */
class InterruptTest {
    private static final int INTERRUPTED = 130;
    private static final long END_SECONDS_MAX = 60;

    @TempDir Path folder;
    private final CountDownLatch over = new CountDownLatch(1);

    private static Process vmm(String... arguments) throws IOException {
        var line =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "vmm.client.ClientMain"));
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Half of a dump, and nothing else, ever. */
    private void answer(Message command, FrameWriter writer) throws IOException {
        if (command.payload() instanceof Payload.Asked(Command.BlockDump _)) {
            var piece = new Data.Chunk(Bytes.of(new byte[100_000]));
            writer.send(Message.done(command.header(), new Success.BlockImage(false)));
            writer.send(Message.telling(command.header(), piece));
        }
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void command_exits130AndLeavesNothing_whenItIsInterrupted() throws Exception {
        Path content = Files.write(folder.resolve("content"), new byte[3_000_000]);
        Path target = Files.createDirectory(folder.resolve("target"));
        List<List<String>> lines =
                List.of(
                        List.of("info"),
                        List.of("console", "-f", "x"),
                        List.of("create", "x", Files.write(content, Tiny.image()).toString()),
                        List.of("set-block", "b", content.toString()),
                        List.of("dump-block", "b", target.resolve("dumped").toString()));
        var servers = new ArrayList<Tiny>();
        var processes = new ArrayList<Process>();
        try {
            for (List<String> line : lines) {
                var server = new Tiny(Files.createTempDirectory(folder, "t"), this::answer);
                servers.add(server);
                var all = new ArrayList<>(line);
                all.addAll(List.of("--socket", server.socket.toString()));
                processes.add(vmm(all.toArray(String[]::new)));
            }
            for (int i = 0; i < lines.size(); i++) {
                assertThat(servers.get(i).asked.poll(END_SECONDS_MAX, TimeUnit.SECONDS))
                        .as("what %s asks", lines.get(i))
                        .isNotNull();
                String pid = Long.toString(processes.get(i).pid());
                assertThat(new ProcessBuilder("kill", "-INT", pid).start().waitFor()).isZero();
                assertThat(processes.get(i).waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
                assertThat(processes.get(i).exitValue())
                        .as("%s", lines.get(i))
                        .isEqualTo(INTERRUPTED);
            }
            assertThat(target).isEmptyDirectory();
        } finally {
            processes.forEach(Process::destroyForcibly);
            over.countDown();
            for (Tiny server : servers) {
                server.close();
            }
        }
    }
}
