package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AppArmor's profiles, as far as a kernel without AppArmor can tell. */
class AppArmorTest {
    private static final Path PARSER = Path.of("/usr/sbin/apparmor_parser");
    private static final Path PROFILES = House.ROOT.resolve("etc/apparmor/vmm-supervisor");

    @TempDir private Path folder;

    private String parse(String text, String... options) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(PARSER), "needs apparmor");
        Path file = Files.writeString(folder.resolve("profile"), text);
        var command = new ArrayList<>(List.of(PARSER.toString(), "--skip-cache", "--quiet"));
        command.addAll(List.of(options));
        command.add(file.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private static String installed() throws IOException {
        return Files.readString(PROFILES).replace("@HOME@", "/usr/lib/vmm");
    }

    @Test
    void profiles_areUnderstood() throws Exception {
        parse(installed(), "--skip-kernel-load");
        assertThat(parse(installed(), "--names").lines()).contains("vmm-supervisor", "vmm-tender");
    }

    @Test
    void supervisor_mayWhatItsUnitLetsIt() throws Exception {
        String profile = Files.readString(PROFILES);
        Path unit = House.ROOT.resolve("etc/systemd/vmm-supervisor.service");
        for (String line : Files.readAllLines(unit)) {
            if (line.startsWith("CapabilityBoundingSet=")) {
                for (String name : line.substring(line.indexOf('=') + 1).split(" ", -1)) {
                    String plain =
                            name.substring("CAP_".length()).toLowerCase(java.util.Locale.ROOT);
                    assertThat(profile).contains("capability " + plain + ",");
                }
            }
        }
    }
}
