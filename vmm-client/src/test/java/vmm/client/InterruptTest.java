package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Bytes;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.channel.FrameWriter;

/** Every command that waits for a daemon, as a process of its own that is interrupted. */
class InterruptTest {
    private static final int INTERRUPTED = 130;
    private static final long END_SECONDS_MAX = 60;
    private static final int AT_ONCE = 4;

    @TempDir Path folder;
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<Trial> trials = new ArrayList<>();

    private record Trial(String line, Closeable server, BlockingQueue<?> asked, Process process) {}

    private static Process vmm(String line) throws IOException {
        var words =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "vmm.client.ClientMain"));
        words.addAll(List.of(line.split(" ", -1)));
        return new ProcessBuilder(words)
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
        String _ = silence();
    }

    private String silence() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "";
    }

    private Trial start(String line) throws IOException {
        Path home = Files.createTempDirectory(folder, "t");
        if (EveryCommand.ofControl().contains(line)) {
            var server = new TinyControl(home, this::silence);
            return new Trial(line, server, server.asked, vmm(line + " --socket " + server.socket));
        }
        var server = new Tiny(home, this::answer);
        return new Trial(line, server, server.asked, vmm(line + " --socket " + server.socket));
    }

    /** One line of each command. */
    private List<String> lines() throws IOException {
        var ofVerb = new LinkedHashMap<String, String>();
        Stream.concat(
                        new EveryCommand(folder).ofDaemons().stream(),
                        EveryCommand.ofControl().stream())
                .forEach(line -> ofVerb.putIfAbsent(line.split(" ", 2)[0], line));
        return List.copyOf(ofVerb.values());
    }

    @Test
    void everyCommand_exits130AndLeavesNothing_whenItIsInterrupted() throws Exception {
        List<String> lines = lines();
        for (int from = 0; from < lines.size(); from += AT_ONCE) {
            List<String> some = lines.subList(from, Math.min(lines.size(), from + AT_ONCE));
            for (String line : some) {
                trials.add(start(line));
            }
            for (Trial trial : trials.subList(from, trials.size())) {
                assertInterruptible(trial);
            }
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).noneMatch(file -> file.toString().endsWith(".part"));
        }
        assertThat(new EveryCommand(folder).results()).noneMatch(Files::exists);
    }

    private static void assertInterruptible(Trial trial) throws Exception {
        assertThat(trial.asked().poll(END_SECONDS_MAX, TimeUnit.SECONDS))
                .as("what %s asks", trial.line())
                .isNotNull();
        String pid = Long.toString(trial.process().pid());
        assertThat(new ProcessBuilder("kill", "-INT", pid).start().waitFor()).isZero();
        assertThat(trial.process().waitFor(END_SECONDS_MAX, TimeUnit.SECONDS))
                .as("%s ends", trial.line())
                .isTrue();
        assertThat(trial.process().exitValue()).as("%s", trial.line()).isEqualTo(INTERRUPTED);
    }

    @AfterEach
    void stop() throws IOException {
        trials.forEach(trial -> trial.process().destroyForcibly());
        over.countDown();
        for (Trial trial : trials) {
            trial.server().close();
        }
    }
}
