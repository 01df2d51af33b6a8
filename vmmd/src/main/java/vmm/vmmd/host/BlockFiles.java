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
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Prefix;

/** Block devices: sparse files in DB/block. Any thread; the core lets one job at a device. */
public final class BlockFiles {
    private static final long MIB = 1024 * 1024;

    /** So many zeros become a hole. */
    private static final int HOLE_BYTES = 64 * 1024;

    /** A tilde is in no name of a device. */
    private static final String BESIDE = "~incoming";

    private static final String PARTIAL = "~partial";

    /** What is held longer, nobody goes on with. */
    private static final Duration HELD_MAX = Duration.ofDays(1);

    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(HOLE_BYTES).asReadOnlyBuffer();
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;

    public BlockFiles(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Instant since = Instant.now().minus(HELD_MAX);
        try (DirectoryStream<Path> torn = Files.newDirectoryStream(folder, "*~*")) {
            for (Path file : torn) {
                if (!isHeld(file) || Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
                    Files.delete(file);
                }
            }
        }
    }

    private boolean isHeld(Path partial) {
        String name = String.valueOf(partial.getFileName());
        return name.endsWith(PARTIAL) && Files.exists(folder.resolve(name.replace(PARTIAL, "")));
    }

    /** True of what stands beside a device and is none. */
    static boolean isBeside(String fileName) {
        return fileName.endsWith(PARTIAL);
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
                var sparse = new SparseFile(out, 0, sizeMiB * MIB);
                Zlib.copy(compressed, content, sparse::write);
                sparse.extendTo(sizeMiB * MIB);
                out.force(true);
            }
            place(beside, device);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /**
     * As {@link #set}, and if the content breaks off what came of it is held, so that another one
     * can go on.
     *
     * @param from what comes before this content; it must be held
     */
    public void setFrom(
            Name device, long sizeMiB, boolean compressed, Prefix from, Zlib.Source content)
            throws IOException {
        Path partial = partial(device);
        if (from.bytes() == 0) {
            Files.deleteIfExists(partial);
            Files.createFile(partial, PRIVATE);
        }
        var tearing = new Tearing(content);
        try {
            try (FileChannel out = openHeld(partial, from)) {
                var sparse = new SparseFile(out, from.bytes(), sizeMiB * MIB);
                try {
                    Zlib.copy(compressed, tearing, sparse::write);
                } catch (IOException e) {
                    sparse.extendTo(sparse.at);
                    throw e;
                }
                sparse.extendTo(sizeMiB * MIB);
                out.force(true);
            }
            place(partial, device);
        } catch (IOException e) {
            if (!tearing.torn) {
                Files.deleteIfExists(partial);
            }
            throw e;
        }
    }

    private Path partial(Name device) {
        return folder.resolve(device + PARTIAL);
    }

    private static FileChannel openHeld(Path partial, Prefix from) throws IOException {
        if (Files.exists(partial)) {
            FileChannel out =
                    FileChannel.open(partial, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (Zlib.beginsWith(out, from)) {
                return out.truncate(from.bytes());
            }
            out.close();
        }
        throw new IOException("so much of it is not held: send it from its start");
    }

    /** What is held of a content that broke off. */
    public Prefix held(Name device) throws IOException {
        if (Files.notExists(partial(device))) {
            return Prefix.NONE;
        }
        try (FileChannel in = FileChannel.open(partial(device), StandardOpenOption.READ)) {
            return Prefix.of(in, in.size());
        }
    }

    private void place(Path written, Name device) throws IOException {
        Files.move(written, file(device), StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(partial(device));
        syncFolder();
    }

    /** Tells whether it was the content that failed, and not the disk. */
    private static final class Tearing implements Zlib.Source {
        private final Zlib.Source content;
        private boolean torn;

        Tearing(Zlib.Source content) {
            this.content = content;
        }

        @Override
        public @Nullable ByteBuffer next() throws IOException {
            torn = true;
            ByteBuffer piece = content.next();
            torn = false;
            return piece;
        }
    }

    /** A file that is written on from some place to its end, with holes where it is zero. */
    private static final class SparseFile {
        private final FileChannel out;
        private final long size;
        private long at;

        SparseFile(FileChannel out, long at, long size) {
            this.out = out;
            this.at = at;
            this.size = size;
        }

        void write(ByteBuffer bytes) throws IOException {
            if (bytes.remaining() > size - at) {
                throw new IOException(
                        "data exceeds block size: it is longer than " + size + " bytes");
            }
            while (bytes.hasRemaining()) {
                boolean zero = isZero(bytes, bytes.position());
                int end = bytes.position();
                do {
                    end = Math.min(bytes.limit(), end + HOLE_BYTES);
                } while (end < bytes.limit() && isZero(bytes, end) == zero);
                ByteBuffer run = bytes.slice(bytes.position(), end - bytes.position());
                bytes.position(end);
                while (!zero && run.hasRemaining()) {
                    out.write(run, at + run.position());
                }
                at += run.limit();
            }
        }

        private static boolean isZero(ByteBuffer bytes, int from) {
            int length = Math.min(HOLE_BYTES, bytes.limit() - from);
            return bytes.slice(from, length).equals(ZEROS.slice(0, length));
        }

        /** Zeros, if it is shorter. */
        void extendTo(long length) throws IOException {
            if (out.size() < length) {
                out.write(ByteBuffer.allocate(1), length - 1);
            }
        }
    }

    /** A device, opened to be read behind what the other side has of it. */
    public FileChannel open(Name device, Prefix from) throws IOException {
        return Zlib.open(file(device), from);
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
        Files.deleteIfExists(partial(device));
        syncFolder();
    }

    private void syncFolder() throws IOException {
        try (FileChannel f = FileChannel.open(folder, StandardOpenOption.READ)) {
            f.force(true);
        }
    }
}
