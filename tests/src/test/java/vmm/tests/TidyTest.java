package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The house rules that a look at the text can check (CONTRIBUTING.md). */
class TidyTest {
    private static final int LINES_MAX = 400;
    private static final int LINES_MAX_GRAMMAR = 600;
    private static final Pattern BAD_TYPE =
            Pattern.compile(
                    "\\b(class|interface|record|enum) \\w*(Utils?|Helper|Manager|Impl|Common|Abstract\\w+|Factory)\\b");
    private static final Pattern UNFINISHED =
            Pattern.compile("\\b(TODO|FIXME|XXX|HACK)\\b|@Disabled");
    private static final Pattern COMMENTED_CODE = Pattern.compile("^\\s*//.*[;{]\\s*$");
    private static final Pattern MACHINE_PATH = Pattern.compile("/(work|srv)/[a-z]");

    @Test
    void sources_areFound() {
        assertThat(House.sources()).hasSizeGreaterThan(50);
    }

    @Test
    void files_areShort() {
        assertThat(House.sources())
                .allSatisfy(
                        file -> {
                            boolean grammar = file.toString().contains("/der/");
                            assertThat(House.lines(file).size())
                                    .as("lines of %s", House.ROOT.relativize(file))
                                    .isLessThanOrEqualTo(grammar ? LINES_MAX_GRAMMAR : LINES_MAX);
                        });
    }

    @Test
    void types_haveTheFieldsWords() {
        assertThat(hits(main(), BAD_TYPE.asPredicate())).isEmpty();
    }

    @Test
    void sources_areFinished() {
        assertThat(hits(others(), UNFINISHED.asPredicate())).isEmpty();
    }

    @Test
    void comments_holdNoCode() {
        assertThat(hits(others(), COMMENTED_CODE.asPredicate())).isEmpty();
    }

    @Test
    void mains_catchWhatTheyName_andPrintThroughTheLog() {
        List<Path> daemons =
                main().stream()
                        .filter(p -> !p.toString().matches(".*/(vmm-client|vmm-tender|bench)/.*"))
                        .toList();
        assertThat(hits(daemons, line -> line.contains("System.out."))).isEmpty();
        assertThat(hits(main(), line -> line.matches(".*catch \\((Exception|Throwable) .*")))
                .isEmpty();
        assertThat(hits(main(), line -> line.contains("printStackTrace"))).isEmpty();
    }

    @Test
    void locks_areInTheDaemonFloorOnly() {
        List<Path> elsewhere =
                main().stream().filter(p -> !p.toString().contains("/vmm-daemon/")).toList();
        assertThat(hits(elsewhere, line -> line.matches(".*\\bsynchronized\\b.*[({].*"))).isEmpty();
    }

    @Test
    void house_speaksOfItselfAlone() throws IOException {
        var found = new ArrayList<String>();
        House.walk(House.ROOT)
                .filter(
                        p ->
                                p.toString()
                                        .matches(
                                                ".*\\.(java|md|xml|sh|c|h|yml|service)|.*/(Makefile|vmm|run)"))
                .filter(p -> !p.getFileName().toString().equals("TidyTest.java"))
                .forEach(
                        p ->
                                House.lines(p).stream()
                                        .filter(MACHINE_PATH.asPredicate())
                                        .forEach(
                                                l ->
                                                        found.add(
                                                                House.ROOT.relativize(p)
                                                                        + ": "
                                                                        + l)));
        assertThat(found).isEmpty();
    }

    @Test
    void documents_linkToWhatExists() throws IOException {
        Pattern link = Pattern.compile("\\]\\((?!https?:|#|mailto:)([^)#]+)");
        for (Path page :
                House.walk(House.ROOT).filter(p -> p.toString().endsWith(".md")).toList()) {
            var matcher = link.matcher(Files.readString(page));
            while (matcher.find()) {
                assertThat(page.resolveSibling(matcher.group(1)))
                        .as("link in %s", House.ROOT.relativize(page))
                        .exists();
            }
        }
    }

    private static List<Path> main() {
        return House.sources().stream().filter(p -> p.toString().contains("/src/main/")).toList();
    }

    private static List<Path> others() {
        return House.sources().stream().filter(p -> !p.endsWith("TidyTest.java")).toList();
    }

    private static List<String> hits(List<Path> files, Predicate<String> bad) {
        var found = new ArrayList<String>();
        for (Path file : files) {
            List<String> lines = House.lines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (bad.test(lines.get(i))) {
                    found.add(
                            House.ROOT.relativize(file)
                                    + ":"
                                    + (i + 1)
                                    + ": "
                                    + lines.get(i).strip());
                }
            }
        }
        return found;
    }
}
