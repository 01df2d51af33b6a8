package vmm.tests;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Imports go down the list of ARCHITECTURE.md only, and two rooms never import each other. */
class HousePlanTest {
    private static final List<String> ROOMS =
            List.of("vmmd", "console", "stats", "supervisor", "tls", "client", "tender");

    /** What each floor must not use, beside the rooms. */
    private static final Map<String, List<String>> NOT_BELOW =
            Map.of(
                    "vmm.core..", List.of("vmm.wire..", "vmm.os..", "vmm.daemon.."),
                    "vmm.wire..", List.of("vmm.os..", "vmm.daemon.."),
                    "vmm.os..", List.of("vmm.core..", "vmm.wire..", "vmm.daemon.."));

    private static final JavaClasses HOUSE =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("vmm");

    @Test
    void house_isImported_withAllItsRooms() {
        for (String room :
                List.of("core", "wire", "os", "daemon", "supervisor", "vmmd", "console")) {
            assertThat(HOUSE.that(resideInAPackage("vmm." + room + ".."))).isNotEmpty();
        }
    }

    @Test
    void floors_useNothingAbove() {
        NOT_BELOW.forEach(
                (floor, above) ->
                        noClasses()
                                .that()
                                .resideInAPackage(floor)
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(above.toArray(String[]::new))
                                .check(HOUSE));
    }

    @Test
    void rooms_neverUseEachOther() {
        for (String room : ROOMS) {
            String[] others =
                    ROOMS.stream()
                            .filter(r -> !r.equals(room))
                            .map(r -> "vmm." + r + "..")
                            .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("vmm." + room + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .allowEmptyShould(true)
                    .check(HOUSE);
        }
    }

    @Test
    void core_doesNoInputOutput_andHasNoClockOrThread() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "vmm.core", "vmm.vmmd.core..", "vmm.console.core..", "vmm.stats.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "java.util.concurrent..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(HOUSE);
    }

    @Test
    void packages_haveNoCycles() {
        SlicesRuleDefinition.slices().matching("vmm.(**)").should().beFreeOfCycles().check(HOUSE);
    }

    /** A bound that is not in ARCHITECTURE.md's table surprises who runs into it. */
    @Test
    void bounds_areThoseOfTheTable_withTheirValues() throws Exception {
        List<Bounds.Row> table = Bounds.inTable();
        List<Bounds.Bound> told = table.stream().map(Bounds.Row::bound).toList();
        assertThat(told).hasSizeGreaterThan(80).doesNotHaveDuplicates();
        assertThat(Bounds.inCode().stream().filter(b -> !told.contains(b)))
                .as("in the code, but not in ARCHITECTURE.md's table")
                .isEmpty();
        for (Bounds.Row row : table) {
            assertThat(Bounds.holds(row)).as("%s", row).contains(true);
        }
    }
}
