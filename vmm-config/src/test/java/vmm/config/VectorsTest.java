package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static vmm.config.Mirage.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What release 2.5.0 wrote, byte for byte. */
class VectorsTest {
    static final Path MIRAGE = Path.of("src/test/resources/mirage");

    /** What the commands made that the original ran. */
    private static final Set<String> MADE_BY_OTHERS = Set.of("log", "static1.ml");

    private static Project project(String name) {
        return switch (name) {
            case "console" -> console();
            case "stack" -> stack();
            default -> mux();
        };
    }

    private static Project console() {
        var main = foreign("Unikernel.Main", CONSOLE.to(JOB));
        return Project.of("console", main.$(defaultConsole()));
    }

    private static Project stack() {
        var main = foreign("Unikernel.Main", CONSOLE.to(STACKV4.to(JOB)));
        var stack = directStackv4WithDefaultIpv4(defaultConsole(), tap0());
        return Project.of("stackv4", main.$(defaultConsole()).$(stack));
    }

    private static Project mux() {
        var main = foreign("Handler.Main", CONSOLE.to(KV_RO.to(KV_RO.to(JOB))));
        var mux = foreign("Multiplex.Make", KV_RO.to(KV_RO.to(KV_RO)));
        var x = crunch("t");
        var y = kvRoOfFs(fatOfFiles("t", "*"));
        var z = mux.$(x).$(y);
        return Project.of(
                "mux", main.$(defaultConsole()).$(y).$(z), main.$(customConsole("1")).$(x).$(x));
    }

    @ParameterizedTest
    @CsvSource({
        "console, UNIX", "console, XEN", "console, MACOSX",
        "stack, UNIX", "stack, XEN", "stack, MACOSX",
        "mux, UNIX"
    })
    void configure_writesTheSameBytes_asTheOriginal(String name, Target target) throws IOException {
        assertSame(project(name), target, MIRAGE.resolve(name + "-" + target));
    }

    /** Every file that the project becomes is in {@code vector}, and nothing else is. */
    static void assertSame(Project project, Target target, Path vector) throws IOException {
        var names = new TreeSet<String>(Set.of("config.ml"));
        for (Artefact file : project.configure(target, Dialect.MIRAGE_2_5_0, new Desk("/@ROOT@"))) {
            assertThat(file.text().replace("/@ROOT@", "@ROOT@").replace(Desk.DATE, "@DATE@"))
                    .as(file.path())
                    .isEqualTo(Files.readString(vector.resolve(file.path())));
            names.add(file.path());
        }
        try (var files = Files.list(vector)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .filteredOn(name -> !MADE_BY_OTHERS.contains(name))
                    .containsExactlyInAnyOrderElementsOf(names);
        }
    }

    static String main(Project project, Dialect dialect) {
        return text(project, dialect, "main.ml");
    }

    /** The text of one file for unix. */
    static String text(Project project, Dialect dialect, String path) {
        return project.configure(Target.UNIX, dialect, new Desk("/r")).stream()
                .filter(file -> file.path().equals(path))
                .findFirst()
                .orElseThrow()
                .text();
    }

    /** A machine that has everything. */
    record Desk(String root) implements Surroundings {
        static final String DATE = "Fri, 20 Nov 2026 23:32:55 GMT";

        @Override
        public Instant time() {
            return Instant.parse("2026-11-20T23:32:55Z");
        }

        @Override
        public boolean exists(String path) {
            return path.equals(root + "/t") || path.equals(root + "/u");
        }

        @Override
        public boolean hasProgram(String name) {
            return true;
        }

        @Override
        public String machine() {
            return "x86_64";
        }

        @Override
        public boolean hasLibrary(String name) {
            return true;
        }

        @Override
        public boolean needNocrypto(List<String> libraries) {
            return libraries.contains("tls");
        }

        @Override
        public List<String> xenLinkLines(List<String> libraries) {
            return List.of("-L@LIB@ -lfoo");
        }
    }
}
