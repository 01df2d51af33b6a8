package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** docs/regressions.md names tests that there are, for every number. */
class RegressionTableTest {
    private static final int NUMBERS = 28;
    private static final Pattern ROW = Pattern.compile("\\| 14\\.([0-9]+) \\|.*\\| (.+) \\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

    private static final List<String> TABLE =
            House.lines(House.ROOT.resolve("docs/regressions.md"));

    @Test
    void everyNumber_hasARow_inOrder() {
        List<Integer> numbers =
                TABLE.stream()
                        .map(ROW::matcher)
                        .filter(row -> row.matches())
                        .map(row -> Integer.parseInt(row.group(1)))
                        .toList();
        assertThat(numbers).isEqualTo(IntStream.rangeClosed(1, NUMBERS).boxed().toList());
    }

    @Test
    void everyRow_namesATest() {
        assertThat(TABLE.stream().filter(line -> line.startsWith("| 14.")))
                .allSatisfy(line -> assertThat(TEST.matcher(line).find()).as(line).isTrue());
    }

    @Test
    void everyNamedTest_exists() {
        Map<String, String> sources =
                House.sources().stream()
                        .filter(p -> p.toString().contains("/src/test/"))
                        .collect(
                                Collectors.toMap(
                                        p -> p.getFileName().toString(),
                                        p -> String.join("\n", House.lines(p)),
                                        (a, b) -> a + b));
        List<MatchResult> named =
                TABLE.stream().flatMap(line -> TEST.matcher(line).results()).toList();
        assertThat(named).hasSizeGreaterThan(NUMBERS);
        assertThat(named)
                .allSatisfy(
                        test ->
                                assertThat(sources.get(test.group(1) + ".java"))
                                        .as(test.group())
                                        .isNotNull()
                                        .contains("void " + test.group(2) + "("));
    }
}
