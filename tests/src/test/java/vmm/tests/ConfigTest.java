package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A unikernel from its configuration to its console: real daemons, a real tender, our guest. */
class ConfigTest {
    private static final String JAVA =
            """
            import static vmm.config.Mirage.*;
            import vmm.config.*;

            void main() {
                var disk = blockOfFile(new DeviceName("storage"));
                var times = Key.number("seed", "where the pattern begins");
                var main = foreign("Disk.Main", BLOCK.to(JOB));
                var project = Project.of("disk", main.$(disk)).withKeys(times);
                Loading.register(project);
                var plan = project.plan().memory(16).withoutName()
                        .block(disk, volume("patterns")).set(times, 5L).build();
                Loading.deploy("shelf:disk", plan, "IMAGE");
            }
            """;

    @TempDir Path folder;
    @AutoClose private Suite suite;
    private String image;

    @BeforeEach
    void start() throws Exception {
        String target = Guests.runnable();
        suite = Suite.startFor(target);
        image = Guests.guest("disk." + target).toString();
    }

    private Path written(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text.replace("IMAGE", image));
    }

    private String ok(String... arguments) {
        return suite.ok(arguments).out();
    }

    private void refused(String text, String... whys) throws IOException {
        Path file = written("Wrong.java", text);
        for (String action : new String[] {"plan", "deploy"}) {
            Suite.Result result = suite.vmm("config", action, file.toString());
            assertThat(result.exit()).isEqualTo(124);
            assertThat(result.out()).isEmpty();
            assertThat(result.err()).contains("vmm: ").contains(whys).doesNotContain("\tat ");
        }
        assertThat(suite.tenders()).isEmpty();
    }

    private void awaitConsole(String text) {
        Suite.await(
                "'" + text + "' on the console",
                () ->
                        suite.vmm("console", "shelf:disk", "--count", "100", "--no-follow")
                                .out()
                                .contains(text));
    }

    @Test
    void configuration_isDeployed_andItsGuestFindsItsDevice() throws Exception {
        String file = written("Shelf.java", JAVA).toString();
        ok("add-policy", "shelf", "1", "--mem", "64", "--cpu", "0", "--block", "8");
        ok("create-block", "shelf:patterns", "1");
        assertThat(ok("config", "describe", file, "-t", "hvt"))
                .contains("storage BLOCK_BASIC", "--seed");
        String plan = ok("config", "plan", file);
        assertThat(plan).contains("\"storage:patterns\"", "[\"--seed=5\"]");
        ok("config", "deploy", file);
        awaitConsole("ok ");
        Path apply = written("apply.yaml", plan);
        suite.vmm("destroy", "shelf:disk");
        assertThat(ok("apply", "-f", apply.toString())).contains("shelf:disk");
        awaitConsole("ok ");
    }

    @Test
    void plan_isRefusedOnTheDesk_byName() throws Exception {
        refused(JAVA.replace(".block(disk, volume(\"patterns\"))", ""), "'storage'", "no volume");
        refused(
                JAVA.replace(".set(times", ".block(disk, volume(\"twice\")).set(times"),
                "'storage'",
                "twice");
        refused(
                JAVA.replace(".set(times", ".net(netif(\"extra\"), bridge(\"br0\")).set(times"),
                "'extra'");
        refused(JAVA.replace("\"storage\"", "\"sto-rage\""), "'sto-rage'");
        refused(JAVA.replace(".set(times, 5L)", ""), "'seed'", "where the pattern begins");
        refused(JAVA.replace("\"storage\"", "\"other\""), "image", "'other'");
        refused(JAVA.replace("BLOCK.to", "NETWORK.to"), "Wrong.java");
        refused(JAVA.replace("\"IMAGE\"", "\"none.hvt\""), "none.hvt");
    }
}
