package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The main job with the real programs: real daemons, real tenders, real guests. */
class EndToEndTest {
    @AutoClose private Suite suite;
    private String target;

    @BeforeEach
    void start() throws IOException {
        target = Guests.runnable();
        suite = Suite.startFor(target);
    }

    private String guest(String name) throws IOException, InterruptedException {
        return Guests.guest(name + "." + target).toString();
    }

    private Suite.Result refused(String... arguments) {
        Suite.Result result = suite.vmm(arguments);
        assertThat(result.exit()).as("vmm %s: %s", List.of(arguments), result.out()).isNotZero();
        assertThat(result.err()).as("a message").isNotBlank().doesNotContain("\tat ");
        return result;
    }

    private OptionalLong pidOfTender() {
        return suite.tenders().stream().mapToLong(ProcessHandle::pid).findFirst();
    }

    private String console(String name) {
        return suite.vmm("console", name, "--count", "100", "--no-follow").out();
    }

    private void awaitConsole(String name, String text) {
        Suite.await("'" + text + "' on the console of " + name, () -> console(name).contains(text));
    }

    @Test
    void unikernel_runsFromCreateToDestroy_andLeavesNothing() throws Exception {
        var before = suite.belongings();
        suite.ok("create", "ticker", guest("ticker"), "--arg", "ms=20", "--no-add-name");
        assertThat(suite.tenders()).hasSize(1);
        awaitConsole("ticker", "tick 3");
        assertThat(suite.ok("info").out()).contains("ticker");
        assertThat(suite.ok("info", "--format", "json").out()).contains("\"ticker\"");
        long first = pidOfTender().orElseThrow();
        suite.ok("restart", "ticker");
        assertThat(pidOfTender().orElseThrow()).isNotEqualTo(first);
        assertThat(refused("create", "ticker", guest("ticker")).exit()).isEqualTo(117);
        suite.ok("create", "-f", "ticker", guest("ticker"), "--arg", "ms=50", "--no-add-name");
        assertThat(suite.tenders()).hasSize(1);
        Path image = Files.createTempFile("image", "");
        suite.ok("get", "ticker", image.toString(), "--force");
        assertThat(image).hasSameBinaryContentAs(Path.of(guest("ticker")));
        Files.delete(image);
        suite.ok("destroy", "ticker");
        assertThat(suite.tenders()).isEmpty();
        assertThat(suite.belongings()).isEqualTo(before);
        assertThat(refused("destroy", "ticker").err()).contains("not found");
        assertThat(console("ticker")).contains("tick");
    }

    @Test
    void unikernel_runsOn_whereVmmdIsKilled_andIsTakenOver() throws Exception {
        suite.ok("create", "stays", guest("ticker"), "--arg", "ms=20", "--no-add-name");
        suite.ok(
                "create",
                "ends",
                guest("hello"),
                "--arg",
                "ms=600",
                "--arg",
                "exit=42",
                "--no-add-name");
        long stays =
                suite.tenders().stream()
                        .filter(p -> p.info().commandLine().orElse("").contains("ms=20"))
                        .findFirst()
                        .orElseThrow()
                        .pid();
        suite.crash("vmmd");
        Suite.await("the end of one", () -> suite.tenders().size() == 1);
        suite.startDaemon("vmmd");
        assertThat(pidOfTender()).isEqualTo(OptionalLong.of(stays));
        Suite.await("its exit is known", () -> !suite.ok("info").out().contains("ends"));
        assertThat(suite.ok("info").out()).contains("stays");
        suite.ok("destroy", "stays");
        assertThat(suite.tenders()).isEmpty();
    }

    @Test
    void unikernel_isReplacedAllTheSame_whereVmmdIsKilledMeanwhile() throws Exception {
        suite.ok("create", "ticker", guest("ticker"), "--arg", "ms=20", "--no-add-name");
        long old = pidOfTender().orElseThrow();
        Suite.signal(old, "-STOP");
        Process client =
                suite.startVmmIn(
                        suite.db(),
                        "create",
                        "-f",
                        "ticker",
                        guest("ticker"),
                        "--arg",
                        "ms=50",
                        "--no-add-name");
        Suite.await("the new one is on the disk", () -> suite.stateLog().contains("ms=50"));
        suite.crash("vmmd");
        Suite.await("the client ends", () -> !client.isAlive());
        assertThat(client.exitValue()).isNotZero();
        suite.startDaemon("vmmd");
        Suite.signal(old, "-CONT");
        Suite.await(
                "the new one runs",
                () ->
                        suite.tenders().stream()
                                .map(p -> p.info().commandLine().orElse(""))
                                .toList()
                                .toString()
                                .contains("ms=50"));
        assertThat(suite.tenders()).hasSize(1);
    }

    @Test
    void unikernel_printsOn_whereTheConsoleIsKilled() throws Exception {
        suite.ok("create", "ticker", guest("ticker"), "--arg", "ms=20", "--no-add-name");
        awaitConsole("ticker", "tick 2");
        long pid = pidOfTender().orElseThrow();
        suite.crash("vmm-console");
        suite.ok("info");
        suite.startDaemon("vmm-console");
        awaitConsole("ticker", "tick ");
        assertThat(pidOfTender()).isEqualTo(OptionalLong.of(pid));
        suite.ok("create", "second", guest("ticker"), "--arg", "ms=20", "--no-add-name");
        awaitConsole("second", "tick ");
    }

    @Test
    void stopAndStart_bringBack_whatRan() throws Exception {
        suite.ok("create", "ticker", guest("ticker"), "--arg", "ms=20", "--no-add-name");
        suite.stop("vmmd");
        assertThat(suite.tenders()).isEmpty();
        suite.startDaemon("vmmd");
        Suite.await("it runs again", () -> suite.tenders().size() == 1);
        assertThat(suite.ok("info").out()).contains("ticker");
    }

    @Test
    void badRequests_areRefusedWithTheirReason_andLeaveNothing() throws Exception {
        Path notElf = Files.writeString(Files.createTempFile("not", "elf"), "no image");
        suite.ok("add-policy", "foo", "2", "--mem", "64", "--cpu", "0");
        var before = suite.belongings();
        assertThat(refused("create", "a", "/nonexistent/image").exit()).isEqualTo(124);
        refused("create", "a", notElf.toString());
        assertThat(refused("create", "a", guest("net")).err()).contains("service");
        assertThat(refused("create", "a", guest("hello"), "--net", "nobridge9").exit()).isNotZero();
        assertThat(refused("create", "foo:a", guest("hello"), "--mem", "128").err())
                .contains("foo");
        assertThat(refused("create", "foo:a", guest("hello"), "--cpu", "77").err()).contains("77");
        assertThat(refused("create", "a", guest("disk"), "--block", "storage").err())
                .contains("storage");
        assertThat(refused("create", "..", guest("hello")).err()).contains("..");
        assertThat(refused("info", "--socket", "/nonexistent/vmmd.sock").exit()).isEqualTo(122);
        assertThat(suite.belongings()).isEqualTo(before);
        assertThat(suite.tenders()).isEmpty();
        Files.delete(notElf);
    }

    @Test
    void policies_areEnforcedForTheSum_ofWhatWasDelegated() throws Exception {
        suite.ok("add-policy", "alice", "--mem", "64", "--cpu", "0", "2");
        suite.ok("add-policy", "alice:bob", "--mem", "64", "--cpu", "0", "2");
        suite.ok("add-policy", "alice:charlie", "--mem", "64", "--cpu", "0", "2");
        suite.ok("create", "alice:bob:u", guest("ticker"), "--mem", "16", "--no-add-name");
        suite.ok("create", "alice:charlie:u", guest("ticker"), "--mem", "16", "--no-add-name");
        assertThat(
                        refused(
                                        "create",
                                        "alice:bob:v",
                                        guest("ticker"),
                                        "--mem",
                                        "16",
                                        "--no-add-name")
                                .err())
                .contains("alice:");
        assertThat(suite.tenders()).hasSize(2);
    }

    @Test
    void blockDevice_isUsedByAGuest_andCannotBeRemovedMeanwhile() throws Exception {
        suite.ok("create-block", "storage", "1");
        suite.ok("create", "disk", guest("disk"), "--block", "storage", "--no-add-name");
        awaitConsole("disk", "SUCCESS");
        Suite.await("it ended", () -> suite.tenders().isEmpty());
        assertThat(suite.ok("block").out()).contains("storage");
        suite.ok("destroy-block", "storage");
        assertThat(refused("destroy-block", "storage").exit()).isEqualTo(117);
    }
}
