package vmm.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A client that goes on until it is interrupted, and what it has printed so far. */
final class Follower implements AutoCloseable {
    private static final Path VMM = House.ROOT.resolve("dist/bin/vmm");
    private static final long END_SECONDS_MAX = 20;

    private final Path out;
    private final Process process;

    private Follower(Path out, Process process) {
        this.out = out;
        this.process = process;
    }

    static Follower vmm(Suite suite, String... arguments) throws IOException {
        Path out = Files.createTempFile("vmm-follower", "");
        var command = new ArrayList<>(List.of(VMM.toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("VMM_TMPDIR", suite.tmp().toString());
        return new Follower(out, builder.start());
    }

    String text() {
        try {
            return Files.readString(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGINT, and gives the exit code. */
    int interrupt() throws IOException, InterruptedException {
        Suite.signal(process.pid(), "-INT");
        if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
            throw new AssertionError("the client goes on after SIGINT");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(out);
    }
}
