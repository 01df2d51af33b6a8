package vmm.client.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import vmm.client.files.Reason;

/**
 * Files that are made together: all of them, or none where one cannot be. Keys are for their owner
 * alone and are never written over, nor is what was read for the others. One thread.
 */
public final class NewFiles {
    private static final String PEM = "-----BEGIN ";

    private final Set<Path> read = new HashSet<>();
    private final Set<Path> made = new HashSet<>();
    private final List<Planned> keys = new ArrayList<>();
    private final List<Planned> whole = new ArrayList<>();
    private final List<Planned> lines = new ArrayList<>();
    private final Deque<Undo> undo = new ArrayDeque<>();

    /**
     * @param sources what the files are made of
     */
    public NewFiles(Path... sources) {
        for (Path source : sources) {
            read.add(real(source));
        }
    }

    private record Planned(Path file, String text) {}

    @FunctionalInterface
    private interface Undo {
        void run() throws IOException;
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException _) {
            return file.toAbsolutePath().normalize();
        }
    }

    private void claim(Path file) throws PkiProblem {
        if (Files.isDirectory(file)) {
            throw new PkiProblem(file + " is a folder: move it away, or work in another one");
        }
        Path real = real(file);
        if (read.contains(real) || !made.add(real)) {
            throw new PkiProblem(
                    file + " would stand for two things: give them names of their own");
        }
    }

    /** The key of a file; a fresh one, to be written there, if there is no such file. */
    public KeyPair keyOrFresh(Path file, KeyType type) throws PkiProblem {
        claim(file);
        if (Files.exists(file)) {
            return existing(file);
        }
        KeyPair fresh = type.generate();
        keys.add(new Planned(file, PemFiles.text("PRIVATE KEY", fresh.getPrivate().getEncoded())));
        return fresh;
    }

    private static KeyPair existing(Path file) throws PkiProblem {
        try {
            return PemFiles.keyPair(file);
        } catch (PkiProblem problem) {
            throw new PkiProblem(problem.line() + ", or move it away: a fresh one is made then");
        }
    }

    /** A file that takes the place of an older one: a reader sees the one or the other. */
    public void put(Path file, String text) throws PkiProblem {
        claim(file);
        whole.add(new Planned(file, text));
    }

    /** Notes in a list what was signed. */
    public void record(Path db, X509Certificate certificate, String name) throws PkiProblem {
        claim(db);
        if (Files.exists(db) && PemFiles.ascii(db).contains(PEM)) {
            throw new PkiProblem(
                    db + " holds a key or a certificate: name a file that lists what was signed");
        }
        lines.add(new Planned(db, certificate.getSerialNumber().toString(16) + " " + name + "\n"));
    }

    /** Makes them all. */
    public void make() throws PkiProblem {
        for (Planned key : keys) {
            doing(key.file, () -> writeNew(key.file, key.text, "r--------"));
        }
        for (Planned one : whole) {
            doing(one.file, () -> writeNew(beside(one.file), one.text, "rw-r--r--"));
        }
        for (Planned line : lines) {
            doing(line.file, () -> append(line));
        }
        for (Planned one : whole) {
            doing(
                    one.file,
                    () -> Files.move(beside(one.file), one.file, StandardCopyOption.ATOMIC_MOVE));
        }
    }

    private void doing(Path file, Undo what) throws PkiProblem {
        try {
            what.run();
        } catch (IOException e) {
            undoAll();
            throw new PkiProblem(
                    e instanceof FileAlreadyExistsException
                            ? file + " has just been made by somebody else"
                            : "cannot write " + file + ": " + Reason.of(e));
        }
    }

    private void undoAll() {
        for (Undo one : undo) {
            try {
                one.run();
            } catch (IOException _) {
                // The folder is gone or read-only: nothing is left to tidy.
            }
        }
    }

    private static Path beside(Path file) {
        return file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".new");
    }

    private void writeNew(Path file, String text, String permissions) throws IOException {
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        var attribute =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
        try (FileChannel channel = FileChannel.open(file, options, attribute)) {
            undo.addFirst(() -> Files.deleteIfExists(file));
            write(channel, text);
        }
    }

    private void append(Planned line) throws IOException {
        boolean fresh = Files.notExists(line.file);
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(line.file, options)) {
            long before = channel.size();
            undo.addFirst(() -> shorten(line.file, fresh, before));
            write(channel.position(before), line.text);
        }
    }

    private static void shorten(Path file, boolean fresh, long bytes) throws IOException {
        if (fresh) {
            Files.delete(file);
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
