package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tenders that vmmd starts are shut in, each by itself. */
class ConfinementTest {
    private static final long USERS_FIRST = 1_900_000_000;
    private static final Set<String> PASSED_ON =
            Set.of("LANG", "LC_ALL", "LC_CTYPE", "PATH", "VMM_JAVA_HOME", "VMM_JAVA_OPTIONS");
    private static final Set<String> SET_BY_THE_LAUNCHER =
            Set.of(
                    "",
                    "_",
                    "PWD",
                    "OLDPWD",
                    "SHLVL",
                    "VMM_TENDER",
                    "MALLOC_ARENA_MAX",
                    "MALLOC_MMAP_THRESHOLD_");

    @AutoClose private Suite suite;

    @BeforeEach
    void start() throws IOException {
        Suite.needsKvm();
        assumeTrue(
                Files.isWritable(Path.of("/sys/fs/cgroup"))
                        && System.getProperty("user.name").equals("root"),
                "only root makes sandboxes");
        suite = Suite.start();
    }

    private void create(String name) throws IOException, InterruptedException {
        String image = Guests.guest("ticker.hvt").toString();
        suite.ok("create", name, image, "--arg", "ms=20", "--no-add-name");
        Suite.await(
                name + " prints",
                () -> suite.vmm("console", name, "--no-follow").out().contains("tick 2"));
    }

    private List<Long> pids() {
        return suite.tenders().stream().map(ProcessHandle::pid).toList();
    }

    private static String status(long pid, String field) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith(field + ":"))
                    .map(line -> line.substring(field.length() + 1).strip().split("\\s+", 2)[0])
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Set<Long> users() {
        return pids().stream().map(p -> Long.valueOf(status(p, "Uid"))).collect(Collectors.toSet());
    }

    @Test
    void tender_findsItsJava_throughALinkInTheDatabase() throws Exception {
        Files.createSymbolicLink(
                suite.db().resolve("solo5-hvt"), House.ROOT.resolve("dist/bin/vmm-tender"));
        create("linked");
        suite.ok("destroy", "linked");
    }

    @Test
    void tenders_areUsersOfTheirOwn_withoutRights_andSeeTheirFilesOnly() throws Exception {
        create("one");
        create("two");
        assertThat(users()).hasSize(2).allMatch(uid -> uid >= USERS_FIRST);
        for (long pid : pids()) {
            assertThat(status(pid, "CapEff")).isEqualTo("0000000000000000");
            assertThat(status(pid, "CapBnd")).isEqualTo("0000000000000000");
            assertThat(status(pid, "NoNewPrivs")).isEqualTo("1");
            assertThat(status(pid, "Seccomp")).isEqualTo("2");
            Path root = Path.of("/proc/" + pid + "/root");
            assertThat(root.resolve("etc/passwd")).doesNotExist();
            assertThat(root.resolve("home")).doesNotExist();
            Path images = Path.of(root + suite.db().resolve("images").toString());
            try (Stream<Path> seen = Files.list(images)) {
                assertThat(seen).hasSize(1);
            }
            assertThat(Path.of(root + suite.tmp().toString())).doesNotExist();
        }
    }

    @Test
    void tender_knowsNothingOfTheSupervisorsEnvironment() throws Exception {
        create("curious");
        for (long pid : pids()) {
            String environ = Files.readString(Path.of("/proc/" + pid + "/environ"));
            assertThat(List.of(environ.split("\0", -1)))
                    .map(variable -> variable.split("=", 2)[0])
                    .filteredOn(name -> !PASSED_ON.contains(name))
                    .filteredOn(name -> !SET_BY_THE_LAUNCHER.contains(name))
                    .isEmpty();
        }
    }

    @Test
    void user_isNotGivenTwice_whereVmmdWasKilledMeanwhile() throws Exception {
        create("before");
        Set<Long> before = users();
        suite.crash("vmmd");
        suite.startDaemon("vmmd");
        create("after");
        Set<Long> both = users();
        assertThat(both).hasSize(2).containsAll(before);
        suite.ok("restart", "before");
        var now = new HashSet<>(users());
        assertThat(now).hasSize(2);
    }

    @Test
    void vmmd_startsNothingUnconfined_whereItMustConfine_andConfinesNothingWhereItShallNot()
            throws Exception {
        suite.stop("vmmd");
        suite.startDaemon("vmmd", "--confine", "no");
        create("free");
        assertThat(users()).allMatch(uid -> uid < USERS_FIRST);
        suite.stop("vmmd");
        suite.startDaemon("vmmd", "--confine", "yes");
        Suite.await("it runs again", () -> !pids().isEmpty());
        assertThat(users()).allMatch(uid -> uid >= USERS_FIRST);
        suite.stop("vmmd");
        Suite.Result wrong = suite.startInVain("vmmd", "--confine", "maybe");
        assertThat(wrong.err() + wrong.out()).contains("--confine");
        assertThat(wrong.exit()).isNotZero();
    }
}
