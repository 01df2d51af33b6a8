package vmm.tests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A file system of 4 MiB, mounted for a test: it can be filled and made read-only. */
final class SmallDisk implements AutoCloseable {
    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Skips the test where this user may not mount. */
    static SmallDisk mount() throws IOException {
        Path folder = Files.createTempDirectory("vmm-disk");
        boolean mounted =
                run("mount", "-t", "tmpfs", "-o", "size=4m", "vmm-test", folder.toString());
        if (!mounted) {
            Files.delete(folder);
        }
        Assumptions.assumeTrue(mounted, "a file system cannot be mounted here (root)");
        return new SmallDisk(folder);
    }

    Path folder() {
        return folder;
    }

    /** Leaves not a byte free; delete what it returns to undo it. */
    Path fill() throws IOException {
        Path filler = folder.resolve("filler");
        try (FileChannel out =
                FileChannel.open(filler, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (true) {
                out.write(ByteBuffer.allocate(4096));
            }
        } catch (IOException full) {
            return filler;
        }
    }

    void makeReadOnly(boolean readOnly) throws IOException {
        if (!run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", folder.toString())) {
            throw new IOException("cannot remount " + folder);
        }
    }

    private static boolean run(String... command) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        run("umount", "-l", folder.toString());
        Files.deleteIfExists(folder);
    }
}
