package vmm.tender;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How a tender ended, and what it said. */
record Run(int status, String out, String err) {
    private static final Path HOUSE = Path.of(System.getProperty("house", "..")).toAbsolutePath();
    private static final Path GUESTS = HOUSE.resolve("vmm-tender/target/guests");
    private static final String CLASS_PATH =
            HOUSE
                    + "/vmm-tender/target/classes:"
                    + HOUSE
                    + "/vmm-tender/target/test-classes:"
                    + HOUSE
                    + "/vmm-core/target/classes:"
                    + HOUSE
                    + "/vmm-os/target/classes";
    private static final long SECONDS_MAX = 60;

    /** Skips the test where no guest can run. */
    static void needsKvm() {
        assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "SKIPPED: /dev/kvm cannot be used");
    }

    /** The guests of tests/guests, built once. */
    static Path guest(String name) throws IOException {
        Path file = GUESTS.resolve(name + ".hvt");
        if (!Files.exists(file)) {
            run(List.of("make", "-s", "-C", HOUSE + "/tests/guests", "OUT=" + GUESTS));
        }
        assumeTrue(Files.exists(file), "SKIPPED: the guests cannot be built (gcc, make)");
        return file;
    }

    static List<String> tenderCommand(Object... arguments) {
        return command("vmm.tender.TenderMain", arguments);
    }

    /** How a class with a {@code main} is started as the tender is. */
    static List<String> command(String mainClass, Object... arguments) {
        var command = new ArrayList<String>();
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:CompileThresholdScaling=20",
                        "-Xmx32m",
                        "-XX:-UsePerfData",
                        "-Xlog:disable",
                        "-Xlog:all=error:stderr",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        CLASS_PATH,
                        mainClass));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    static Run tender(Object... arguments) throws IOException {
        return run(tenderCommand(arguments));
    }

    static Run run(List<String> command) throws IOException {
        Path out = Files.createTempFile("tender", ".out");
        Path err = Files.createTempFile("tender", ".err");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            return new Run(
                    process.exitValue(),
                    Files.readString(out, java.nio.charset.StandardCharsets.ISO_8859_1),
                    Files.readString(err, java.nio.charset.StandardCharsets.ISO_8859_1));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
