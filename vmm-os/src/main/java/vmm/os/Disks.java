package vmm.os;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The disks of this host, whole ones: the kernel limits no partition. */
final class Disks {
    private static final Path ALL = Path.of("/sys/block");

    private Disks() {}

    /** As {@code 8:0}, of those that hold anything. */
    static List<String> numbers() throws IOException {
        var found = new ArrayList<String>();
        if (!Files.exists(ALL)) {
            return found;
        }
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(ALL)) {
            for (Path disk : disks) {
                if (KernelFile.number(disk.resolve("size")) != 0) {
                    found.add(KernelFile.read(disk.resolve("dev")));
                }
            }
        }
        return found;
    }
}
