package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations in Java and in YAML, and what is made of them in their folder. */
class LoadingTest {
    private static final String JAVA =
            """
            import static vmm.config.Mirage.*;
            import vmm.config.*;

            void main() {
                var net = netif(new DeviceName("service"));
                var web = Project.of("web", foreign("U.Main", NETWORK.to(JOB)).$(net));
                Loading.register(web);
                Loading.deploy("a:web", web.plan().net(net, bridge("br0")).build(), "web.hvt");
            }
            """;
    private static final String YAML =
            """
            name: web
            devices:
              net: netif "service"
              main: foreign "U.Main" (network @-> job)
            jobs: [main $ net]
            keys:
              hello: {doc: what it says}
              port: {doc: where, default: 80}
            deploy:
              name: a:web
              image: web.hvt
              memory: 64
              networks: {service: br0}
              keys: {hello: hi}
              restart: [1]
            """;

    @TempDir Path folder;

    private Loaded loaded(String name, String text) throws IOException {
        return Loading.load(Files.writeString(folder.resolve(name), text), Target.HVT, Map.of());
    }

    @Test
    void java_registersAndDeploys() throws IOException {
        Loaded loaded = loaded("Web.java", JAVA);
        assertThat(loaded.project().name()).isEqualTo("web");
        assertThat(loaded.deployment().orElseThrow().yaml()).contains("\"service:br0\"");
    }

    @Test
    void java_isToldWhatTheCompilerSays() {
        assertThatThrownBy(() -> loaded("Web.java", JAVA.replace("NETWORK.to", "BLOCK.to")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("Web.java:6")
                .hasMessageContaining("Network");
        assertThatThrownBy(() -> loaded("Web.java", JAVA.replace("\"service\"", "\"my-net\"")))
                .hasMessageContaining("'my-net'");
        assertThatThrownBy(() -> loaded("Web.java", JAVA.replace("void main()", "void other()")))
                .hasMessageStartingWith("Error loading config: ");
    }

    @Test
    void yaml_registersAndDeploys() throws IOException {
        Loaded loaded = loaded("web.yaml", YAML);
        assertThat(loaded.deployment().orElseThrow().yaml())
                .contains("\"a:web\"", "\"service:br0\"", "[\"--hello=hi\"]", "exit-codes: [1]");
    }

    @Test
    void yaml_namesWhatIsWrong() {
        for (String[] wrong :
                new String[][] {
                    {"networks: {service: br0}", "networks: {}", "'service' has no bridge"},
                    {"networks: {service: br0}", "networks: {other: br0}", "'service'"},
                    {"{service: br0}", "{service: br0, two: br0}", "'two'"},
                    {"{service: br0}", "{service: br0, service: br1}", "service"},
                    {"keys: {hello: hi}", "keys: {}", "'hello' has no value: what it says"},
                    {"keys: {hello: hi}", "keys: {hello: a, colour: b}", "'colour'"},
                    {"\"service\"", "\"ser-vice\"", "'ser-vice'"},
                    {"main $ net", "main $ default_console", "console"},
                    {"jobs: [main $ net]", "jobs: [net]", "network"},
                    {"memory: 64", "memory: much", "'much'"},
                    {"memory: 64", "colour: 64", "'colour'"},
                    {"  image: web.hvt", "\timage: web.hvt", "line 11"},
                    {"name: a:web", "name: a/b", "a/b"}
                }) {
            assertThat(YAML).contains(wrong[0]);
            assertThatThrownBy(() -> loaded("web.yaml", YAML.replace(wrong[0], wrong[1])))
                    .as(wrong[1])
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(wrong[2]);
        }
    }

    @Test
    void yaml_isRefused_whereItIsNestedTooDeep() {
        for (int levels : new int[] {33, 100_000}) {
            String deep = "jobs: " + "[".repeat(levels);
            assertThatThrownBy(() -> loaded("deep.yaml", "name: x\n" + deep))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("line 2")
                    .hasMessageContaining("nested deeper than 32 levels: write it flatter");
        }
    }

    @Test
    void configure_writesWhatCleanRemoves() throws IOException {
        Project project = loaded("Web.java", JAVA).project();
        var said = new ArrayList<String>();
        var workshop =
                new Workshop(new Machine(folder, Map.of("SOURCE_DATE_EPOCH", "0")), said::add);
        for (Target target : new Target[] {Target.HVT, Target.UNIX}) {
            workshop.configure(project, target, Dialect.of(target), false);
            assertThat(folder.resolve(target == Target.HVT ? "mirage/main.ml" : "main.ml"))
                    .exists();
            assertThat(folder.resolve("Makefile")).exists();
            workshop.clean(project, target, Dialect.of(target));
            try (var left = Files.list(folder)) {
                assertThat(left.filter(Files::isRegularFile))
                        .containsExactly(folder.resolve("Web.java"));
            }
        }
        assertThat(said).contains("Generating: mirage/manifest.json", "Removing: main.ml");
    }

    @Test
    void build_tellsWhatMakeSaid_whereItFails() throws IOException {
        var said = new ArrayList<String>();
        var workshop = new Workshop(new Machine(folder, System.getenv()), said::add);
        Files.writeString(folder.resolve("Makefile"), "build:\n\t@echo hopeless; exit 3\n");
        assertThatThrownBy(workshop::build)
                .hasMessageStartingWith("The command \"make build\" exited with code");
        assertThat(said).anyMatch(line -> line.contains("hopeless"));
    }

    @Test
    void dot_isDrawnByGraphviz() throws Exception {
        Machine machine = new Machine(folder, System.getenv());
        var odd = Mirage.foreign("M.Main", Mirage.NETWORK.to(Mirage.BLOCK.to(Mirage.JOB)));
        Project project =
                Project.of("x", odd.$(Mirage.netif("br\"0.5")).$(Mirage.blockOfFile("disk.img")));
        String dot = project.dot(Target.HVT, machine);
        assertThat(dot).contains("digraph G {", "disk.img", "br\\\"0.5");
        assumeTrue(machine.hasProgram("dot"), "graphviz is not installed");
        Path file = Files.writeString(folder.resolve("x.dot"), dot);
        assertThat(machine.run("dot", "-Tsvg", file.toString()).output())
                .contains("<svg", "disk.img")
                .doesNotContain("Error");
    }
}
