package vmm.tender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Solo5's own test guests, from the folder that {@code -Dsolo5.tests=DIR} names. */
class Solo5Test {
    private static final String TESTS = System.getProperty("solo5.tests", "");

    @TempDir Path folder;

    @BeforeAll
    static void needsTests() {
        assumeTrue(!TESTS.isEmpty(), "SKIPPED: -Dsolo5.tests=DIR does not say where they are");
        Run.needsKvm();
    }

    @ParameterizedTest
    @CsvSource({
        "hello,0,SUCCESS",
        "output,0,(4143 characters)",
        "globals,0,SUCCESS",
        "tls,0,SUCCESS",
        "time,0,SUCCESS",
        "exception,255,ABORT",
        "zeropage,255,ABORT",
        "notls,255,ABORT",
        "ssp,255,Stack corruption detected",
        "dumpcore,255,solo5_abort() called"
    })
    void guest_ends_asUnderTheOfficialTender(String name, int status, String said)
            throws IOException {
        Run run = Run.tender("--mem=16", guest("test_" + name), "Hello_Solo5");
        assertThat(run.out()).contains(said);
        assertThat(run.status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"xnow", "rnow"})
    void guest_isEnded_whenItWritesWhereItMustNot(String name) throws IOException {
        Run run = Run.tender("--mem=16", guest("test_" + name));
        assertThat(run.err()).contains("host/guest translation fault");
        assertThat(run.status()).isEqualTo(1);
    }

    /** KVM without hardware help (kvm_pvm) emulates no arithmetic of SSE; no tender can. */
    @Test
    void fpu_succeeds_whereKvmCanMultiply() throws IOException {
        Run run = Run.tender("--mem=16", guest("test_fpu"));
        if (Files.isDirectory(Path.of("/sys/module/kvm_pvm"))) {
            assertThat(run.err()).contains("KVM: internal error exit: suberror=0x1");
            assertThat(run.status()).isEqualTo(1);
        } else {
            assertThat(run.out()).contains("SUCCESS");
            assertThat(run.status()).isZero();
        }
    }

    @Test
    void quiet_saysNothingOfSolo5() throws IOException {
        Run run = Run.tender("--mem=16", "--", guest("test_quiet"), "--solo5:quiet");
        assertThat(run.out()).doesNotContain("Solo5:");
        assertThat(run.status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"512", "4096"})
    void blk_succeeds(int sector) throws IOException {
        Path disk = Files.write(folder.resolve("disk"), new byte[256 << 10]);
        Run run =
                Run.tender(
                        "--mem=16",
                        "--block:storage=" + disk,
                        "--block-sector-size:storage=" + sector,
                        "--",
                        guest("test_blk"));
        assertThat(run.out()).contains("SUCCESS");
        assertThat(run.status()).isZero();
    }

    @Test
    void maxDevices_succeeds() throws IOException {
        var arguments = new java.util.ArrayList<Object>();
        arguments.add("--mem=16");
        for (int i = 0; i < 63; i++) {
            Path disk = Files.write(folder.resolve("disk" + i), new byte[4096]);
            arguments.add("--block:storage" + i + "=" + disk);
        }
        arguments.add(guest("test_mft_maxdevices"));
        Run run = Run.tender(arguments.toArray());
        assertThat(run.out()).contains("SUCCESS");
        assertThat(run.status()).isZero();
    }

    @Test
    void buggyElf_isRefused() throws IOException {
        Run run = Run.tender(guest("buggyelf"));
        assertThat(run.err()).contains("note does not fall within valid size");
        assertThat(run.status()).isEqualTo(1);
    }

    private static Path guest(String name) {
        Path file = Path.of(TESTS, name + ".hvt");
        assumeTrue(Files.exists(file), "SKIPPED: there is no " + file);
        return file;
    }
}
