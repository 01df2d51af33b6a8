package vmm.vmmd.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import vmm.core.Name;

/** Block devices: sparse files in DB/block. Any thread. */
public final class BlockFiles {
    private static final long MIB = 1024 * 1024;

    private final Path folder;

    public BlockFiles(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** A file of exactly {@code sizeMiB} zeros. */
    public void add(Name device, long sizeMiB) throws IOException {
        Path file = folder.resolve(device.toString());
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        boolean done = false;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), sizeMiB * MIB - 1);
            channel.force(true);
            done = true;
        } finally {
            if (!done) {
                Files.deleteIfExists(file);
            }
        }
    }

    public void remove(Name device) throws IOException {
        Files.delete(folder.resolve(device.toString()));
    }
}
