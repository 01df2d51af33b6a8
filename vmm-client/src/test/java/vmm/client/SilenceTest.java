package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vmm.core.Policy;
import vmm.wire.Command;

/** The next step where nobody says why: another release is proposed only where it can help. */
class SilenceTest {
    @TempDir Path folder;

    private static String nextStep(boolean remote, Release release, Command command) {
        return new Silence(remote, release, Optional.of(command)).nextStep();
    }

    @ParameterizedTest
    @CsvSource({"999999,2.6.2", "20702,2.6.2", "20602,2.5.1", "20501,2.0.0", "20000,1.4.3"})
    void olderRelease_isTheNextOneWithAnotherForm_ofInfo(int number, String older) {
        var release = new Release(number);
        assertThat(nextStep(true, release, new Command.UnikernelInfo(release.info())))
                .startsWith(
                        "if it is albatross " + older + " or older, add --wire-release " + older)
                .endsWith(
                        "if not, the endpoint refuses the certificates or has failed, its log"
                                + " says why");
    }

    @Test
    void olderRelease_isNotProposed_whenNoneIsToldOtherwise() {
        assertThat(nextStep(false, new Release(1_00_01), new Command.PolicyInfo()))
                .isEqualTo("its log says why");
        assertThat(nextStep(true, new Release(1_04_03), new Command.PolicyInfo()))
                .isEqualTo("the endpoint refuses the certificates or has failed, its log says why");
    }

    @Test
    void commandForTheServerAlone_isToBeRunThere_whateverTheRelease() {
        var add =
                new Command.PolicyAdd(
                        Policy.of(List.of(0L), 1, 1, OptionalLong.empty(), List.of()));
        for (Command command : List.of(new Command.PolicyRemove(), add)) {
            assertThat(nextStep(true, Release.NEWEST, command))
                    .contains("run it on the server itself")
                    .doesNotContain("--wire-release");
            assertThat(nextStep(false, Release.NEWEST, command)).contains("--wire-release 1.4.3");
        }
    }

    @Test
    void restart_isRefused_whereServersWaitForTheUnikernelToEnd() throws Exception {
        try (Tiny server = new Tiny(folder, (_, _) -> {})) {
            Run run =
                    Run.vmm(
                            "restart",
                            "x",
                            "--wire-release",
                            "2.1.0",
                            "--socket",
                            "" + server.socket);
            assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).contains("destroy and create");
            assertThat(server.asked).isEmpty();
        }
    }
}
