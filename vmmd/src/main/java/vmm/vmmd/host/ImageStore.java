package vmm.vmmd.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import vmm.core.Bytes;
import vmm.wire.Prefix;

/** Images, each once, named by the SHA-256 of its uncompressed bytes: DB/images. Any thread. */
public final class ImageStore {
    /** What an image may grow to when it is uncompressed. */
    public static final long IMAGE_BYTES_MAX = 512L * 1024 * 1024;

    /** Tenders have users of their own; the folder above keeps others out. */
    private static final Set<PosixFilePermission> FOR_TENDERS =
            PosixFilePermissions.fromString("r--r--r--");

    private static final int BUFFER_BYTES = 64 * 1024;

    private final Path folder;

    /** Written or looked at by this process. */
    private final Set<Bytes> intact = ConcurrentHashMap.newKeySet();

    public ImageStore(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
    }

    public Path path(Bytes digest) {
        return folder.resolve(digest.hex());
    }

    /**
     * Stores an image, durably, and returns its digest.
     *
     * @throws IOException if it cannot be written, is no zlib data, or grows beyond the bound
     */
    public Bytes store(boolean compressed, Bytes image) throws IOException {
        return compressed ? storeInflated(image) : storePlain(image);
    }

    /** Writes nothing if the image is here already. */
    private Bytes storePlain(Bytes image) throws IOException {
        MessageDigest sha = sha256();
        sha.update(image.asBuffer());
        Bytes digest = Bytes.of(sha.digest());
        if (!isStored(digest)) {
            place(out -> Zlib.write(out, image.asBuffer()), () -> digest);
        }
        return digest;
    }

    private Bytes storeInflated(Bytes image) throws IOException {
        MessageDigest sha = sha256();
        return place(
                out ->
                        Zlib.copy(
                                true,
                                Zlib.Source.of(image),
                                piece -> {
                                    if (piece.remaining() > IMAGE_BYTES_MAX - out.position()) {
                                        throw new IOException(
                                                "it is larger than " + IMAGE_BYTES_MAX + " bytes");
                                    }
                                    sha.update(piece.duplicate());
                                    Zlib.write(out, piece);
                                }),
                () -> Bytes.of(sha.digest()));
    }

    private interface Content {
        void write(FileChannel out) throws IOException;
    }

    /** Writes beside, and puts it in its place when it is whole and durable. */
    private Bytes place(Content content, Supplier<Bytes> digestWhenWritten) throws IOException {
        Path beside = Files.createTempFile(folder, "incoming~", "");
        try (FileChannel out = FileChannel.open(beside, StandardOpenOption.WRITE)) {
            content.write(out);
            Bytes digest = digestWhenWritten.get();
            if (!isStored(digest)) {
                Files.setPosixFilePermissions(beside, FOR_TENDERS);
                out.force(true);
                Files.move(beside, path(digest), StandardCopyOption.ATOMIC_MOVE);
                try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
                    names.force(true);
                }
                intact.add(digest);
            }
            return digest;
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /** What is damaged is written over. */
    private boolean isStored(Bytes digest) throws IOException {
        return Files.exists(path(digest)) && isIntact(digest);
    }

    /**
     * True if the stored image had its digest when this process first looked: a flipped bit must
     * not be started.
     */
    public boolean isIntact(Bytes digest) throws IOException {
        if (!intact.contains(digest) && isDigestOfFile(digest)) {
            intact.add(digest);
        }
        return intact.contains(digest);
    }

    private boolean isDigestOfFile(Bytes digest) throws IOException {
        MessageDigest sha = sha256();
        try (FileChannel in = FileChannel.open(path(digest), StandardOpenOption.READ)) {
            var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            while (in.read(buffer.clear()) >= 0) {
                sha.update(buffer.flip());
            }
        }
        return Bytes.of(sha.digest()).equals(digest);
    }

    /** The image, compressed at {@code level} (0 is as it is), as memory of {@code arena}. */
    public Bytes load(Bytes digest, int level, Arena arena) throws IOException {
        return Zlib.map(path(digest), level, arena);
    }

    /** The image, opened to be read behind what the other side has of it. */
    public FileChannel open(Bytes digest, Prefix from) throws IOException {
        return Zlib.open(path(digest), from);
    }

    public void drop(Bytes digest) throws IOException {
        intact.remove(digest);
        Files.deleteIfExists(path(digest));
    }

    /** Removes what is not in {@code used}, such as what a crash left behind. */
    public void keepOnly(Set<Bytes> used) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (!name.matches("[0-9a-f]{64}") || !used.contains(Bytes.ofHex(name))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every JDK has SHA-256", missing);
        }
    }
}
