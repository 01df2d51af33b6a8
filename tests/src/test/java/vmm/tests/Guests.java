package vmm.tests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The guests of tests/guests, built once, and what can run them here. */
final class Guests {
    private static final Path FOLDER = House.ROOT.resolve("tests/target/guests");

    private Guests() {}

    static Path guest(String file) throws IOException, InterruptedException {
        Path guest = FOLDER.resolve(file);
        if (!Files.exists(guest)) {
            int exit =
                    new ProcessBuilder("make", "-s", "-C", "tests/guests", "OUT=" + FOLDER)
                            .directory(House.ROOT.toFile())
                            .inheritIO()
                            .start()
                            .waitFor();
            if (exit != 0) {
                throw new AssertionError("make -C tests/guests failed with " + exit);
            }
        }
        return guest;
    }

    /** A program on the PATH, or in the folder that {@code -Dsolo5.bin} names. */
    static Optional<Path> program(String name) {
        String folders = System.getProperty("solo5.bin", "") + ":" + System.getenv("PATH");
        return Stream.of(folders.split(":"))
                .filter(f -> !f.isEmpty())
                .map(f -> Path.of(f, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The target whose guests a tender can run here; the test is skipped where there is none. */
    static String runnable() {
        boolean spt = program("solo5-spt").isPresent();
        assumeTrue(
                spt || hasKvm(),
                "no tender can run here: neither solo5-spt is on the PATH nor /dev/kvm usable");
        return spt ? "spt" : "hvt";
    }

    static boolean hasKvm() {
        return Files.isWritable(Path.of("/dev/kvm"));
    }
}
