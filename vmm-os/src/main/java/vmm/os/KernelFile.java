package vmm.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * A small file that the kernel makes up as it is read, or acts upon as it is written: three system
 * calls, and no thread that stands in for a virtual one. Any thread; what blocks is the kernel.
 */
public final class KernelFile {
    /** The kernel makes such files a page at a time. */
    private static final int READ_BYTES_MAX = 4096;

    private static final int MODE = 0644;

    private KernelFile() {}

    /** The first page of it, without the line's end. */
    public static String read(Path file) throws IOException {
        int fd = Libc.open(file.toString(), Libc.O_RDONLY, 0);
        try (Memory memory = Memory.open()) {
            long bytes = memory.zeroed(0);
            int count = Libc.check(Libc.read(fd, bytes, READ_BYTES_MAX), "cannot read ", file);
            return new String(memory.bytesAt(bytes, count), StandardCharsets.UTF_8).strip();
        } finally {
            Libc.close(fd);
        }
    }

    public static long number(Path file) throws IOException {
        return Long.parseLong(read(file));
    }

    /** The number behind a word in a file of lines {@code word number}. */
    static OptionalLong number(Path file, String word) throws IOException {
        for (String line : read(file).split("\n", -1)) {
            if (line.startsWith(word + " ")) {
                return OptionalLong.of(Long.parseLong(line.substring(word.length() + 1).strip()));
            }
        }
        return OptionalLong.empty();
    }

    /** In one write: the kernel takes a whole order or none. */
    static void write(Path file, String text) throws IOException {
        int fd = Libc.open(file.toString(), Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC, MODE);
        try {
            Libc.write(fd, text);
        } catch (Errno e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        } finally {
            Libc.close(fd);
        }
    }
}
