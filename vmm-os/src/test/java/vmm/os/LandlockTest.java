package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a user's rights by a landlock alone, without mounts, filters or another user. */
class LandlockTest {
    @TempDir private Path folder;

    @BeforeEach
    void assumeKnown() {
        assumeTrue(Landlock.knownVersion() > 0, "this kernel has no landlock");
    }

    private Reaper.Ending run(Landlock land, String script) throws Exception {
        var confinement =
                new Confinement(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(land),
                        List.of(),
                        true,
                        0,
                        -1,
                        -1);
        var end = new CompletableFuture<Reaper.Ending>();
        try (var reaper = new Reaper()) {
            int pid =
                    Spawner.spawn(
                            new Spawner.Child(
                                    "/bin/sh",
                                    List.of("-c", script),
                                    Map.of("PATH", "/usr/bin:/bin"),
                                    Optional.of(folder.toString()),
                                    Optional.empty(),
                                    Optional.empty(),
                                    List.of(),
                                    Optional.empty(),
                                    confinement));
            reaper.watch(pid, true, end::complete);
            return end.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void files_areWritten_onlyWhereItIsAllowed() throws Exception {
        Path own = Files.writeString(folder.resolve("own"), "old");
        Path foreign = Files.writeString(folder.resolve("foreign"), "old");
        Path inside = Files.createDirectory(folder.resolve("inside"));
        var land =
                new Landlock(
                        List.of(own.toString()), List.of("/dev/null"), List.of(inside.toString()));
        String script =
                "cat foreign && echo new > own && echo x > /dev/null && mkdir inside/made"
                        + " && ! echo new > foreign && ! rm foreign && ! mkdir made"
                        + " && ! ln -s x y && ! mv inside/made made && exit 7";
        assertThat(run(land, script)).isEqualTo(new Reaper.Exited(7));
        assertThat(own).hasContent("new\n");
        assertThat(foreign).hasContent("old");
        assertThat(inside.resolve("made")).isDirectory();
    }

    @Test
    void othersProcesses_areNotSignalled_evenOfTheSameUser() throws Exception {
        assumeTrue(Landlock.knownVersion() >= 6, "this kernel's landlock has no scopes");
        var land = new Landlock(List.of(), List.of("/dev/null"), List.of());
        long here = ProcessHandle.current().pid();
        assertThat(run(land, "kill -0 $$ && ! kill -0 " + here + " && exit 7"))
                .isEqualTo(new Reaper.Exited(7));
    }
}
