package vmm.vmmd.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import vmm.core.Bytes;
import vmm.core.Name;

/** Block devices: sparse files in DB/block. Any thread; the core lets one job at a device. */
public final class BlockFiles {
    private static final long MIB = 1024 * 1024;
    private static final int BUFFER_BYTES = 64 * 1024;

    /** A tilde is in no name of a device. */
    private static final String BESIDE = "~incoming";

    private static final ByteBuffer ZEROS = ByteBuffer.allocate(BUFFER_BYTES).asReadOnlyBuffer();
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;

    public BlockFiles(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (DirectoryStream<Path> torn = Files.newDirectoryStream(folder, "*" + BESIDE)) {
            for (Path file : torn) {
                Files.delete(file);
            }
        }
    }

    private Path file(Name device) {
        return folder.resolve(device.toString());
    }

    /**
     * A new device of exactly {@code sizeMiB}: the content, and zeros after it.
     *
     * @throws IOException also if it is there already, or the content is too long; nothing is left
     */
    public void add(Name device, long sizeMiB, boolean compressed, Zlib.Source content)
            throws IOException {
        if (Files.exists(file(device))) {
            throw new FileAlreadyExistsException("the file " + file(device) + " is there already");
        }
        set(device, sizeMiB, compressed, content);
    }

    /** Replaces the content, durably: until the new one is whole the old one stays. */
    public void set(Name device, long sizeMiB, boolean compressed, Zlib.Source content)
            throws IOException {
        Path beside = folder.resolve(device + BESIDE);
        Files.deleteIfExists(beside);
        Files.createFile(beside, PRIVATE);
        try {
            try (FileChannel out = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                var sparse = new SparseFile(out, sizeMiB * MIB);
                Zlib.copy(compressed, content, sparse::write);
                sparse.finish();
                out.force(true);
            }
            Files.move(beside, file(device), StandardCopyOption.ATOMIC_MOVE);
            syncFolder();
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /** A file that is written from its start to its end, with holes where it is zero. */
    private static final class SparseFile {
        private final FileChannel out;
        private final long size;
        private long at;

        SparseFile(FileChannel out, long size) {
            this.out = out;
            this.size = size;
        }

        void write(ByteBuffer bytes) throws IOException {
            if (bytes.remaining() > size - at) {
                throw new IOException(
                        "data exceeds block size: it is longer than " + size + " bytes");
            }
            while (bytes.hasRemaining()) {
                int length = Math.min(bytes.remaining(), BUFFER_BYTES);
                ByteBuffer part = bytes.slice(bytes.position(), length);
                bytes.position(bytes.position() + length);
                if (!part.equals(ZEROS.slice(0, length))) {
                    while (part.hasRemaining()) {
                        out.write(part, at + part.position());
                    }
                }
                at += length;
            }
        }

        void finish() throws IOException {
            if (out.size() < size) {
                out.write(ByteBuffer.allocate(1), size - 1);
            }
        }
    }

    /**
     * Gives the whole content to {@code sink}.
     *
     * @param level of compression, 0 to 9; 0 is none
     */
    public void dump(Name device, int level, Zlib.Sink sink) throws IOException {
        try (FileChannel in = FileChannel.open(file(device), StandardOpenOption.READ)) {
            Zlib.read(in, level, sink);
        }
    }

    /**
     * The whole device in one piece, as memory of {@code arena}.
     *
     * @param level of compression, 0 to 9; 0 is none
     */
    public Bytes whole(Name device, int level, Arena arena) throws IOException {
        return Zlib.map(file(device), level, arena);
    }

    public void remove(Name device) throws IOException {
        Files.delete(file(device));
        syncFolder();
    }

    private void syncFolder() throws IOException {
        try (FileChannel f = FileChannel.open(folder, StandardOpenOption.READ)) {
            f.force(true);
        }
    }
}
