package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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

    private static final MethodHandle READ = Libc.errno("read", -1, JAVA_INT, ADDRESS, JAVA_LONG);

    private KernelFile() {}

    /** The first page of it, without the line's end. */
    public static String read(Path file) throws IOException {
        int fd = Libc.open(file.toString(), Libc.O_RDONLY, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(READ_BYTES_MAX);
            long count =
                    Libc.check(
                            "cannot read " + file,
                            s -> (int) READ.invokeExact(s, fd, bytes, bytes.byteSize()));
            return new String(bytes.asSlice(0, count).toArray(JAVA_BYTE), StandardCharsets.UTF_8)
                    .strip();
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
