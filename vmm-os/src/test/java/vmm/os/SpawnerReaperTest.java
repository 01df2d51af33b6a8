package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpawnerReaperTest {
    private static final int CHILDREN = 200;

    @TempDir private Path folder;
    private Reaper reaper;

    @BeforeEach
    void open() throws IOException {
        reaper = new Reaper();
    }

    @AfterEach
    void close() {
        reaper.close();
    }

    private CompletableFuture<Reaper.Ending> run(String script) throws Exception {
        return run(script, Optional.empty(), List.of());
    }

    private CompletableFuture<Reaper.Ending> run(
            String script, Optional<String> output, List<Long> cpus) throws Exception {
        int pid =
                Spawner.spawn(
                        new Spawner.Child(
                                "/bin/sh",
                                List.of("-c", script),
                                Map.of("PATH", "/bin:/usr/bin"),
                                Optional.empty(),
                                output,
                                Optional.empty(),
                                cpus,
                                Optional.empty(),
                                Confinement.NONE));
        var ending = new CompletableFuture<Reaper.Ending>();
        reaper.watch(pid, true, ending::complete);
        return ending;
    }

    private String outputOf(String script, List<Long> cpus) throws Exception {
        Path file = Files.createFile(folder.resolve("out"));
        run(script, Optional.of(file.toString()), cpus).get(10, TimeUnit.SECONDS);
        return Files.readString(file);
    }

    @Test
    void ending_isTheExitCode_ofWhoExits() throws Exception {
        for (int code : new int[] {0, 1, 2, 42, 64, 137, 255}) {
            assertThat(run("exit " + code).get(10, TimeUnit.SECONDS))
                    .isEqualTo(new Reaper.Exited(code));
        }
    }

    @Test
    void ending_isTheSignal_ofWhoIsKilled() throws Exception {
        for (int signal : new int[] {9, 15, 11}) {
            assertThat(run("kill -" + signal + " $$").get(10, TimeUnit.SECONDS))
                    .isEqualTo(new Reaper.Signalled(signal));
        }
    }

    @Test
    void endings_areAllRight_of200AtOnce_andNoDescriptorStays() throws Exception {
        run("exit 0").get(10, TimeUnit.SECONDS);
        long before = descriptors();
        var endings = new ArrayList<CompletableFuture<Reaper.Ending>>();
        for (int i = 0; i < CHILDREN; i++) {
            endings.add(run(i % 2 == 0 ? "exit " + i : "kill -9 $$"));
        }
        for (int i = 0; i < CHILDREN; i++) {
            assertThat(endings.get(i).get(30, TimeUnit.SECONDS))
                    .isEqualTo(i % 2 == 0 ? new Reaper.Exited(i) : new Reaper.Signalled(9));
        }
        assertThat(descriptors()).isLessThanOrEqualTo(before + 2);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    @Test
    void child_hasThreeDescriptorsAndNoBlockedSignal() throws Exception {
        // A shell that waits for a program has more of both for a moment: it must become one.
        assertThat(outputOf("exec ls /proc/self/fd", List.of())).isEqualTo("0\n1\n2\n3\n");
        Files.delete(folder.resolve("out"));
        assertThat(outputOf("exec grep SigBlk /proc/self/status", List.of()))
                .isEqualTo("SigBlk:\t0000000000000000\n");
    }

    @Test
    void child_runsOnItsCpus_andTheSpawnerIsAsBefore() throws Exception {
        assertThat(outputOf("grep Cpus_allowed_list /proc/$$/status", List.of(0L)))
                .endsWith("\t0\n");
        Files.delete(folder.resolve("out"));
        assertThat(outputOf("grep Cpus_allowed_list /proc/$$/status", List.of()))
                .isEqualTo(
                        Files.readAllLines(Path.of("/proc/self/status")).stream()
                                        .filter(l -> l.startsWith("Cpus_allowed_list"))
                                        .findFirst()
                                        .orElseThrow()
                                + "\n");
    }

    @Test
    void spawn_fails_withoutTheProgram() {
        assertThatThrownBy(
                        () ->
                                Spawner.spawn(
                                        new Spawner.Child(
                                                "/bin/none",
                                                List.of(),
                                                Map.of(),
                                                Optional.empty(),
                                                Optional.empty(),
                                                Optional.empty(),
                                                List.of(),
                                                Optional.empty(),
                                                Confinement.NONE)))
                .isInstanceOf(Errno.class)
                .hasMessage("cannot start /bin/none: No such file or directory");
    }

    @Test
    void watch_tellsTheEnd_ofWhoIsNoChild() throws Exception {
        Process other = new ProcessBuilder("/bin/sleep", "100").start();
        var ending = new CompletableFuture<Reaper.Ending>();
        reaper.watch((int) other.pid(), false, ending::complete);
        other.destroyForcibly();
        assertThat(ending.get(10, TimeUnit.SECONDS))
                .isIn(new Reaper.Signalled(9), new Reaper.Unknown());
    }

    /** SOLO5 2.1: a tender that its own filter kills leaves a thread of the kernel behind. */
    @Test
    void ending_comes_ofALeaderWhoseThreadHangs() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc");
        Path source = folder.resolve("hang.c");
        Files.writeString(
                source,
                """
                #include <pthread.h>
                #include <unistd.h>
                #include <sys/syscall.h>
                static void *hang(void *nothing) { for (;;) pause(); return nothing; }
                int main(void) {
                    pthread_t thread;
                    pthread_create(&thread, 0, hang, 0);
                    syscall(SYS_exit, 0);
                }
                """);
        String hang = folder.resolve("hang").toString();
        String script = "/usr/bin/gcc -o " + hang + " " + source + " -lpthread && exec " + hang;
        assertThat(run(script).get(30, TimeUnit.SECONDS)).isEqualTo(new Reaper.Signalled(9));
    }
}
