package vmm.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that is being tested. */
final class House {
    static final Path ROOT =
            Path.of(System.getProperty("house", "..")).toAbsolutePath().normalize();

    private House() {}

    /** All Java sources, without generated ones. */
    static List<Path> sources() {
        return walk(ROOT).filter(p -> p.toString().endsWith(".java")).toList();
    }

    static Stream<Path> walk(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(Files::isRegularFile)
                    .filter(
                            p ->
                                    !ROOT.relativize(p)
                                            .toString()
                                            .matches("(.*/)?(target|dist|\\.git)/.*"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
