package vmm.tests;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of the built-in tender, started as users start it, and what its guest has printed. */
final class Tender implements AutoCloseable {
    private static final Path PROGRAM = House.ROOT.resolve("dist/bin/vmm-tender");
    private static final long SECONDS_MAX = 60;

    private final Process process;
    private final StringBuilder said = new StringBuilder();

    private Tender(Process process) {
        this.process = process;
    }

    /** True if the program has been packaged. */
    static boolean isPackaged() {
        return Files.isExecutable(PROGRAM);
    }

    /**
     * @param prefix what it is started through, as {@code ip netns exec NAME}
     */
    static Tender start(List<String> prefix, Object... arguments) throws IOException {
        var command = new ArrayList<>(prefix);
        command.add(PROGRAM.toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Tender(new ProcessBuilder(command).start());
    }

    /** Reads on until the guest has said {@code text}; all that it has said so far. */
    String await(String text) throws IOException {
        while (said.indexOf(text) < 0) {
            if (!read()) {
                throw new AssertionError("it ended: " + said + errors());
            }
        }
        return said.toString();
    }

    /** Reads to the end: all that the guest has said. */
    String rest() throws IOException {
        boolean more;
        do {
            more = read();
        } while (more);
        return said.toString();
    }

    private boolean read() throws IOException {
        InputStream out = process.getInputStream();
        byte[] buffer = new byte[4096];
        int count = out.read(buffer);
        said.append(new String(buffer, 0, Math.max(count, 0), StandardCharsets.ISO_8859_1));
        return count >= 0;
    }

    /** What the tender itself has said, once it has ended. */
    String errors() throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Waits for its end: its status. */
    int status() throws InterruptedException {
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + process.pid() + " does not end");
        }
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
