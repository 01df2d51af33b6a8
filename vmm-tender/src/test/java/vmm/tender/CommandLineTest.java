package vmm.tender;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    @TempDir Path folder;

    @BeforeAll
    static void needsLinux() {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                System.getProperty("os.name").equals("Linux"), "SKIPPED: not Linux");
    }

    @Test
    void version_namesBothAbis_onStderr() throws IOException {
        assertThat(Run.tender("--version"))
                .isEqualTo(
                        new Run(
                                0,
                                "",
                                "vmm-tender tender, version 0.1.0\nABI version 2\nABI version 1\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "--help,usage",
        "--nonsense,Invalid option",
        "--mem=0,Malformed argument to --mem",
        "--mem=x,Malformed argument to --mem",
        "--block:-=x,Malformed argument to --block",
        "nothing-here,No such file or directory"
    })
    void options_endWithStatusOne_andAReason(String argument, String reason) throws IOException {
        Run run = Run.tender(argument);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains(reason);
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "4097,guest memory size exceeds the max size 4294967296 bytes",
        "3,adjusting memory to 2097152 bytes",
        "1,adjusting memory to 2097152 bytes"
    })
    void memory_isSaidOf_whenItIsNotWhatWasAsked(int mib, String said) throws IOException {
        Run run = Run.tender("--mem=" + mib, Run.guest("hello"));
        assertThat(run.err()).contains(said);
    }

    @Test
    void commandLine_isRefused_thatIsTooLong() throws IOException {
        Run run = Run.tender("--mem=2", "--", Run.guest("hello"), "x".repeat(8192));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("Guest command line too long (max=8191 characters)");
    }

    @Test
    void devices_mustAllBeAttached() throws IOException {
        Run run = Run.tender(Run.guest("disk"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .contains("Device 'storage' of type BLOCK_BASIC declared but not attached.")
                .contains("All declared devices must be attached.");
    }

    @Test
    void devices_areRefused_thatTheImageDoesNotDeclare() throws IOException {
        Run run = Run.tender("--block:other=x", Run.guest("hello"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("Resource not declared in manifest: 'other'");
    }

    @ParameterizedTest
    @CsvSource({
        "521,Block size must be a multiple of 2",
        "256,Block size must be a multiple of 2",
        "4096,Backing storage size must be block aligned",
        "8192,Backing storage must be at least 1 block"
    })
    void disks_areRefused_whenTheirSizeDoesNotFit(int sector, String reason) throws IOException {
        Path disk = Files.write(folder.resolve("disk"), new byte[6144]);
        Run run =
                Run.tender(
                        "--block:storage=" + disk,
                        "--block-sector-size:storage=" + sector,
                        Run.guest("disk"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains(reason);
    }

    @Test
    void images_areRefused_thatAreNone() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "no image");
        Run run = Run.tender(text);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("no ELF file");
    }
}
