package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manual pages that are installed: one for each program, with the options that it has. */
class ManualTest {
    private static final Path BIN = House.ROOT.resolve("dist/bin");
    private static final Pattern IN_HELP = Pattern.compile("(?m)^\\s*(?:\\[ )?(--?[a-z][a-z-]*)");
    private static final Pattern IN_PAGE =
            Pattern.compile("\\\\fB((?:\\\\-){1,2}[a-z](?:[a-z]|\\\\-)*)");

    /** Its page is that of its commands, made and tried by the client itself. */
    private static final Set<String> OF_THE_CLIENT = Set.of("vmm", "albatross-client");

    private static String run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .directory(House.ROOT.toFile())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), said).isIn(0, 1);
        return said;
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(m -> m.group(1).replace("\\", ""))
                .collect(java.util.stream.Collectors.toCollection(TreeSet::new));
    }

    @Test
    void pages_haveTheOptionsOfTheirPrograms(@TempDir Path man)
            throws IOException, InterruptedException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        run("etc/make-man", man.toString());
        List<String> programs;
        try (Stream<Path> all = Files.list(BIN)) {
            programs =
                    all.map(p -> p.getFileName().toString())
                            .filter(name -> !OF_THE_CLIENT.contains(name))
                            .toList();
        }
        assertThat(programs).contains("vmmd", "vmm-supervisor");
        for (String program : programs) {
            String section = program.equals("vmm-tender") ? "1" : "8";
            Path page = man.resolve("man" + section).resolve(program + "." + section);
            assertThat(page).exists();
            String text = Files.readString(page).split("\\.SH OPTIONS\n", 2)[1];
            String options = text.substring(0, text.indexOf("\n.SH "));
            String help = run(BIN.resolve(program).toString(), "--help");
            assertThat(found(IN_PAGE, options)).as(program).isEqualTo(found(IN_HELP, help));
        }
    }
}
