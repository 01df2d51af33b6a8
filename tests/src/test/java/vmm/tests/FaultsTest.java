package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the host can do to vmmd: full and read-only disks, no descriptors, signals, exit codes. */
class FaultsTest {
    @AutoClose private Suite suite;

    @BeforeEach
    void require() {
        Suite.needsKvm();
    }

    private static String guest(String name) throws IOException, InterruptedException {
        return Guests.guest(name + ".hvt").toString();
    }

    private void awaitLog(String text) {
        Suite.await("'" + text + "' in vmmd's log", () -> suite.logOf("vmmd").contains(text));
    }

    @Test
    void exits_areToldApart_byCodeAndBySignal() throws Exception {
        suite = Suite.start();
        for (int code : new int[] {0, 1, 2, 42, 64, 255}) {
            suite.ok(
                    "create",
                    "exit" + code,
                    guest("hello"),
                    "--arg",
                    "exit=" + code,
                    "--no-add-name");
            awaitLog("exit" + code + " ended with exit code " + code);
        }
        suite.ok("create", "killed", guest("ticker"), "--no-add-name", "--restart-on-fail");
        suite.tenders().getFirst().destroyForcibly();
        awaitLog("killed ended with signal 9");
        Suite.await(
                "death by signal is no reason to restart",
                () -> !suite.ok("info").out().contains("killed"));
        assertThat(suite.tenders()).isEmpty();
    }

    /** BEHAVIOUR 14.18: a boot loop restarts 40 to 75 times a second. */
    @Test
    void bootLoop_backsOff_andIsDestroyedWhileItWaits() throws Exception {
        suite = Suite.start();
        suite.ok(
                "create",
                "loop",
                guest("hello"),
                "--arg",
                "exit=2",
                "--no-add-name",
                "--restart-on-fail");
        Suite.await("four starts", () -> starts("loop") >= 4);
        long startsBefore = starts("loop");
        Suite.Result destroyed = suite.ok("destroy", "loop");
        assertThat(destroyed.exit()).isZero();
        assertThat(starts("loop") - startsBefore).isLessThanOrEqualTo(1);
        assertThat(suite.ok("info").out()).doesNotContain("loop");
        assertThat(suite.tenders()).isEmpty();
    }

    private long starts(String name) {
        return suite.logOf("vmmd")
                .lines()
                .filter(l -> l.contains("started :" + name + ","))
                .count();
    }

    /** BEHAVIOUR 14.19: destroy of a stopped (SIGSTOP) tender waits for ever. */
    @Test
    void destroy_endsATenderThatWasStopped() throws Exception {
        suite = Suite.start();
        suite.ok("create", "stopped", guest("ticker"), "--no-add-name");
        suite.stop("vmmd");
        suite.startDaemon("vmmd", "--grace", "1");
        Suite.await("it runs again", () -> suite.tenders().size() == 1);
        long pid = suite.tenders().getFirst().pid();
        Suite.signal(pid, "-STOP");
        suite.ok("destroy", "stopped");
        assertThat(suite.tenders()).isEmpty();
    }

    /** BEHAVIOUR 14.5: with a full disk or a read-only directory it acknowledges, and loses. */
    @Test
    void fullDisk_refusesWhatItCannotKeep_andLeavesNothing() throws Exception {
        try (SmallDisk disk = SmallDisk.mount()) {
            suite = Suite.start(List.of(), disk.folder());
            suite.ok("add-policy", "kept", "--mem", "64", "1");
            var before = suite.belongings();
            Path filler = disk.fill();
            int kept = policiesUntilFull();
            Suite.Result create = suite.vmm("create", "big", guest("ticker"), "--no-add-name");
            assertThat(create.exit()).isEqualTo(117);
            assertThat(create.err()).contains("No space left");
            assertThat(suite.belongings()).isEqualTo(before);
            assertThat(suite.tenders()).isEmpty();
            Files.delete(filler);
            assertThat(policies()).isEqualTo(kept);
            suite.ok("create", "fits", guest("ticker"), "--no-add-name");
            suite.crash("vmmd");
            suite.startDaemon("vmmd");
            assertThat(policies()).isEqualTo(kept);
            assertThat(suite.ok("info").out()).contains("fits");
            suite.close();
            suite = null;
        }
    }

    /** Long names, as the last block of the log has room left. */
    private int policiesUntilFull() {
        String path = ("x".repeat(60) + ":").repeat(20);
        for (int i = 0; i < 20; i++) {
            Suite.Result added = suite.vmm("add-policy", path + "p" + i, "--mem", "64", "1");
            if (added.exit() != 0) {
                assertThat(added.exit()).isEqualTo(117);
                assertThat(added.err()).contains("No space left");
                return policies();
            }
            assertThat(policies()).isEqualTo(i + 3);
        }
        throw new AssertionError("the disk is not full");
    }

    private int policies() {
        return suite.ok("policy", "--format", "json").out().split("\"cpuids\"", -1).length - 1;
    }

    /** BEHAVIOUR 14.5, the read-only directory. */
    @Test
    void readOnlyDisk_isSaidAtTheStart_andNothingIsLost() throws Exception {
        try (SmallDisk disk = SmallDisk.mount()) {
            suite = Suite.start(List.of(), disk.folder());
            suite.ok("create", "stays", guest("ticker"), "--no-add-name");
            suite.crash("vmmd");
            disk.makeReadOnly(true);
            Suite.Result vain = suite.startInVain("vmmd");
            assertThat(vain.exit()).isEqualTo(1);
            assertThat(vain.err()).contains("Read-only file system").doesNotContain("\tat ");
            disk.makeReadOnly(false);
            suite.startDaemon("vmmd");
            assertThat(suite.ok("info").out()).contains("stays");
            suite.close();
            suite = null;
        }
    }

    /** BEHAVIOUR 14.10: a second daemon takes the socket of the running one. */
    @Test
    void secondDaemon_endsAtOnce_andTheFirstGoesOn() throws Exception {
        suite = Suite.start();
        for (String daemon : List.of("vmmd", "vmm-console", "vmm-supervisor")) {
            Suite.Result vain = suite.startInVain(daemon);
            assertThat(vain.exit()).as(daemon).isEqualTo(1);
            assertThat(vain.err()).contains("listening").doesNotContain("\tat ");
        }
        suite.ok("info");
    }

    /**
     * Idle connections take all descriptors: vmmd waits for some, and lives on. Without the cache
     * of classes whatever is loaded too late fails.
     */
    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void noDescriptorsLeft_isSurvived(String cache) throws Exception {
        suite =
                Suite.start(
                        List.of(
                                "env",
                                "VMM_JAVA_OPTIONS=-XX:AOTMode=" + cache,
                                "prlimit",
                                "--nofile=128:128"));
        var idle = new ArrayList<SocketChannel>();
        try {
            for (int i = 0; i < 200; i++) {
                idle.add(SocketChannel.open(UnixDomainSocketAddress.of(suite.socket("vmmd"))));
            }
            awaitLog("cannot accept");
        } finally {
            for (SocketChannel one : idle) {
                one.close();
            }
        }
        suite.ok("info");
        suite.ok("create", "after", guest("ticker"), "--no-add-name");
        suite.ok("destroy", "after");
    }
}
