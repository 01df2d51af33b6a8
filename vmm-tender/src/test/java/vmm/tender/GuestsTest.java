package vmm.tender;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our guests on our tender, each in a process of its own. */
class GuestsTest {
    @TempDir Path folder;

    @BeforeAll
    static void needsKvm() {
        Run.needsKvm();
    }

    @ParameterizedTest
    @CsvSource({"hello,0", "hello,7", "hello,255", "hello-abi1,3"})
    void run_endsWithTheGuestsStatus(String guest, int status) throws IOException {
        Run run = Run.tender("--mem=2", "--", Run.guest(guest), "exit=" + status, "ä", "b");
        assertThat(run.status()).isEqualTo(status);
        assertThat(run.out())
                .startsWith("Hello from a guest\ncommand line: [exit=" + status)
                .contains("memory: 2097152 bytes");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void run_endsWith255_whenTheGuestAborts() throws IOException {
        assertThat(Run.tender("--mem=2", Run.guest("abort")))
                .isEqualTo(new Run(255, "ABORT: asked to\n", ""));
    }

    @Test
    void run_countsInTime_whenTheGuestSleeps() throws IOException {
        Run run = Run.tender("--mem=2", Run.guest("ticker"), "ms=50", "count=5", "exit=9");
        assertThat(run).isEqualTo(new Run(9, "tick 1\ntick 2\ntick 3\ntick 4\ntick 5\n", ""));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void run_readsAndWritesSectors_ofADisk(int sector) throws IOException {
        Run run =
                Run.tender(
                        "--mem=2",
                        "--block:storage=" + disk(),
                        "--block-sector-size:storage=" + sector,
                        Run.guest("disk"));
        assertThat(run.out()).endsWith("SUCCESS\n").doesNotContain("FAIL");
        assertThat(run.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wtext",
                "wrodata",
                "fault",
                "wboot",
                "beyond",
                "ud2",
                "triple",
                "hlt",
                "badport",
                "outb",
                "outw",
                "inport",
                "badhc0",
                "badhc9",
                "kick",
                "badblk",
                "badnet",
                "badptr",
                "wrapptr",
                "wraplen",
                "hugelen",
                "neglen",
                "ringptr",
                "badstruct",
                "cutstruct",
                "timetext",
                "polltext",
                "badhalt"
            })
    void run_endsTheGuest_thatTriesWhatItMustNot(String probe) throws IOException {
        assertEnded(Run.tender("--mem=2", Run.guest("probe"), probe));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "regs",
                "cpuid",
                "rtext",
                "xdata",
                "nolen",
                "inside",
                "lowmem",
                "odd",
                "timeboot",
                "pagetable"
            })
    void run_goesOn_whenTheGuestTriesWhatItMay(String probe) throws IOException {
        Run run = Run.tender("--mem=2", Run.guest("probe"), probe);
        assertThat(run.out()).contains("survived " + probe);
        assertThat(run.status()).isZero();
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "badptr",
                "wrapptr",
                "cut",
                "readtext",
                "readrodata",
                "rostruct",
                "netcall",
                "pagetable"
            })
    void run_endsTheGuest_thatMisusesItsDisk(String probe) throws IOException {
        Path disk = disk();
        assertEnded(
                Run.tender("--mem=2", "--block:storage=" + disk, Run.guest("probe-disk"), probe));
        assertThat(Files.size(disk)).isEqualTo(1 << 20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"neglen", "signlen", "wide"})
    void run_refusesTheCall_whenADiskIsAskedForTheImpossible(String probe) throws IOException {
        Run run =
                Run.tender("--mem=2", "--block:storage=" + disk(), Run.guest("probe-disk"), probe);
        assertThat(run.out()).contains("ret=0x2").contains("survived " + probe);
        assertThat(run.status()).isZero();
    }

    @Test
    void run_endsAtOnceWithStatusOne_whenTerminated() throws Exception {
        for (String guest : new String[] {"spinner", "ticker", "flood"}) {
            Process process = started(guest);
            String first = process.inputReader().readLine();
            assertThat(first).isNotNull();
            long asked = System.nanoTime();
            process.toHandle().destroy();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(System.nanoTime() - asked).isLessThan(1_000_000_000L);
            assertThat(process.exitValue()).isEqualTo(1);
            try (BufferedReader err = process.errorReader()) {
                assertThat(err.readLine()).isEqualTo("vmm-tender: Exiting on signal 15");
            }
        }
    }

    @Test
    void run_diesOfSigpipe_whenNobodyReadsTheConsole() throws Exception {
        Process process = started("flood");
        process.getInputStream().close();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 13);
    }

    @Test
    void disk_neverBecomesTheConsole_whenStandardDescriptorsAreClosed() throws IOException {
        var command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" <&- >&-", "sh"));
        command.addAll(
                Run.tenderCommand(
                        "--mem=2", "--block:storage=" + disk(), Run.guest("disk"), "check"));
        Run run = Run.run(command);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEmpty();
        assertThat(folder.resolve("disk")).hasBinaryContent(new byte[1 << 20]);
    }

    @Test
    void run_waitsForItsReader_whenStdoutIsFullAndNonBlocking() throws Exception {
        List<String> command =
                Run.command(
                        "vmm.tender.NonBlockingConsole",
                        "--mem=2",
                        "--",
                        Run.guest("flood"),
                        "count=2000",
                        "len=200");
        Process process = new ProcessBuilder(command).start();
        long lines = process.inputReader().lines().count();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(lines).isEqualTo(2000);
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void run_isWalledIn_beforeTheGuestSpeaks() throws Exception {
        Process process = started("ticker");
        process.inputReader().readLine();
        Path proc = Path.of("/proc/" + process.pid());
        assertThat(Files.readString(proc.resolve("status")))
                .contains("CapEff:\t0000000000000000", "CapPrm:\t0000000000000000")
                .contains("NoNewPrivs:\t1", "Seccomp:\t2");
        var open = new ArrayList<String>();
        try (var descriptors = Files.newDirectoryStream(proc.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                open.add(Files.readSymbolicLink(descriptor).toString());
            }
        }
        process.destroy();
        process.waitFor();
        assertThat(open)
                .contains("anon_inode:kvm-vm-stats", "anon_inode:kvm-vcpu-stats:0")
                .doesNotContain("/dev/kvm")
                .noneMatch(file -> file.endsWith(".hvt"));
    }

    private static void assertEnded(Run run) {
        assertThat(run.out()).contains("probe ").doesNotContain("survived");
        assertThat(run.err()).isNotEmpty().doesNotContain("defect");
        assertThat(run.status()).isEqualTo(1);
    }

    private static Process started(String guest) throws IOException {
        return new ProcessBuilder(Run.tenderCommand("--mem=2", Run.guest(guest), "ms=20")).start();
    }

    private Path disk() throws IOException {
        return Files.write(folder.resolve("disk"), new byte[1 << 20]);
    }
}
