package vmm.client;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the client reads its surroundings and writes its results. Both streams are UTF-8.
 *
 * @param colours whether {@code out} is a terminal
 * @param live whether {@code out} and {@code err} both are, so that progress may be drawn
 */
record Terminal(
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        boolean colours,
        boolean live) {
    private static final int BUFFER_BYTES = 1 << 14;

    static Terminal ofProcess() {
        return new Terminal(
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                System.getenv(),
                Boolean.getBoolean("vmm.tty"),
                Boolean.getBoolean("vmm.tty") && Boolean.getBoolean("vmm.tty.err"));
    }

    @SuppressWarnings("StreamResourceLeak")
    private static PrintStream stream(FileDescriptor descriptor) {
        var buffered =
                new java.io.BufferedOutputStream(new FileOutputStream(descriptor), BUFFER_BYTES);
        return new PrintStream(buffered, false, StandardCharsets.UTF_8);
    }

    /** Where the sockets are unless {@code --tmpdir} says otherwise. */
    Path tmpdirDefault() {
        String given = environment.get("VMM_TMPDIR");
        if (given != null && !given.isEmpty()) {
            return Path.of(given);
        }
        return Path.of(onLinux() ? "/run/albatross" : "/var/run/albatross");
    }

    private static boolean onLinux() {
        return "Linux".equals(System.getProperty("os.name"));
    }

    /** A line for the user that is no result. */
    void say(String line) {
        out.flush();
        err.println(Visible.text(line));
        err.flush();
    }
}
