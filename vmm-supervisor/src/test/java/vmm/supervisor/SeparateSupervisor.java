package vmm.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import vmm.daemon.http.HttpClient;

/** The program in a process of its own, which can crash. */
final class SeparateSupervisor implements Calls, AutoCloseable {
    final Path tmp;
    final Process process;
    private final HttpClient client;

    private SeparateSupervisor(Path tmp, Process process) {
        this.tmp = tmp;
        this.process = process;
        client = new HttpClient(socket(tmp));
    }

    static Path socket(Path tmp) {
        return tmp.resolve("util/supervisor.sock");
    }

    /**
     * @param prefix what it is started through
     */
    static SeparateSupervisor start(Path tmp, List<String> prefix, String... options)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(prefix);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SupervisorMain.class.getName(),
                        "--tmpdir",
                        tmp.toString()));
        command.addAll(List.of(options));
        Path log = tmp.resolve("supervisor.log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        long end = System.nanoTime() + 60_000_000_000L;
        while (!answers(tmp)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroyForcibly();
                throw new AssertionError("does not listen: " + Files.readString(log));
            }
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
        return new SeparateSupervisor(tmp, process);
    }

    private static boolean answers(Path tmp) {
        try (var probe = new HttpClient(socket(tmp))) {
            return probe.get("/ping", PATIENCE).status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    String log() throws IOException {
        return Files.readString(tmp.resolve("supervisor.log"));
    }

    @Override
    public HttpClient client() {
        return client;
    }

    /** Ends it without giving it a chance. */
    void crash() throws InterruptedException {
        client.close();
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        client.close();
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("it did not stop");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
