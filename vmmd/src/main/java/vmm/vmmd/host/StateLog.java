package vmm.vmmd.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.vmmd.core.Effect.Record;
import vmm.vmmd.core.Input;

/**
 * What vmmd keeps: a log of changes, each with its length and checksum.
 *
 * <p>A change is one small write and one sync, whatever runs. The log is written anew, beside and
 * renamed, at the start and when it has grown too long. A torn end (a crash in the middle of a
 * write) is cut off; damage before it is reported and the file kept aside. One thread.
 */
public final class StateLog implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(StateLog.class);
    private static final byte[] MAGIC = "vmmd state 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 8;

    private static final int RECORD_BYTES_MAX = 1024 * 1024;

    /** A log shorter than this is not worth writing anew. */
    private static final long REWRITE_BYTES_MIN = 4 * 1024 * 1024;

    /** How many times longer than what it says a log may become. */
    private static final int REWRITE_GROWTH = 4;

    /**
     * What a log says, read from its start to its end.
     *
     * @param damaged whether a part was unreadable, be it the torn end of a last write: then what
     *     it does not name must not be thrown away
     */
    public record Content(
            List<Input.Stored> unikernels, List<Input.StoredPolicy> policies, boolean damaged) {
        public Content(List<Input.Stored> unikernels, List<Input.StoredPolicy> policies) {
            this(unikernels, policies, false);
        }
    }

    private final Path file;
    private final StateRecords kept = new StateRecords();
    private FileChannel channel;
    private long rewriteAt;

    private StateLog(Path file, Content content) throws IOException {
        this.file = file;
        content.policies().forEach(p -> kept.apply(new Record.SetPolicy(p.path(), p.policy())));
        content.unikernels()
                .forEach(u -> kept.apply(new Record.Put(u.name(), u.spec(), u.replaces())));
        channel = writeAnew(file, kept, !content.damaged());
        rewriteAt = rewriteAt(channel.position());
    }

    /** Reads {@code file}; nothing if it is not there. What is damaged is kept aside. */
    public static Content read(Path file) throws IOException {
        var kept = new StateRecords();
        boolean damaged = false;
        if (Files.exists(file)) {
            byte[] all = Files.readAllBytes(file);
            damaged = !replay(ByteBuffer.wrap(all), kept);
            if (damaged) {
                Path aside = file.resolveSibling(file.getFileName() + ".damaged");
                Files.copy(file, aside, StandardCopyOption.REPLACE_EXISTING);
                LOG.error("{} is damaged or torn: it is kept as {}", file, aside);
                kept = recovered(file, all).orElse(kept);
            }
        }
        return new Content(kept.unikernels(), kept.policies(), damaged);
    }

    /** The log before this one, and over it what of this one can be read. */
    private static Optional<StateRecords> recovered(Path file, byte[] all) throws IOException {
        Path before = lastGood(file);
        if (!Files.exists(before)) {
            return Optional.empty();
        }
        var kept = new StateRecords();
        replay(ByteBuffer.wrap(Files.readAllBytes(before)), kept);
        replay(ByteBuffer.wrap(all), kept);
        LOG.warn("recovered from {}: look whether everything is there", before);
        return Optional.of(kept);
    }

    private static Path lastGood(Path file) {
        return file.resolveSibling(file.getFileName() + ".last-good");
    }

    /** Applies every readable record; false if there was anything else. */
    private static boolean replay(ByteBuffer all, StateRecords kept) {
        if (all.remaining() < MAGIC.length || !startsWithMagic(all)) {
            return false;
        }
        boolean whole = true;
        all.position(MAGIC.length);
        while (all.remaining() >= HEADER_BYTES) {
            int length = all.getInt();
            int crc = all.getInt();
            if (length <= 0 || length > RECORD_BYTES_MAX || length > all.remaining()) {
                return false;
            }
            byte[] coded = new byte[length];
            all.get(coded);
            whole &= crc == crc(coded) && kept.apply(coded);
        }
        return whole && !all.hasRemaining();
    }

    private static boolean startsWithMagic(ByteBuffer all) {
        return all.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    private static int crc(byte[] bytes) {
        var crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Writes {@code content} as a new log beside the old one, and puts it in its place. */
    public static StateLog start(Path file, Content content) throws IOException {
        return new StateLog(file, content);
    }

    /** Puts a new log, of what is kept now, in the place of the old one. */
    private static FileChannel writeAnew(Path file, StateRecords kept, boolean oldIsGood)
            throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        FileChannel fresh =
                FileChannel.open(
                        beside,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        try {
            write(fresh, ByteBuffer.wrap(MAGIC));
            write(fresh, encoded(kept.records()));
            fresh.force(false);
            if (Files.exists(file) && oldIsGood) {
                Files.copy(file, lastGood(file), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(file);
            return fresh;
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
    }

    private static long rewriteAt(long size) {
        return Math.max(REWRITE_BYTES_MIN, size * REWRITE_GROWTH);
    }

    private static void syncFolder(Path file) throws IOException {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
        try (FileChannel f = FileChannel.open(folder, StandardOpenOption.READ)) {
            f.force(true);
        }
    }

    /**
     * Appends changes and makes them durable.
     *
     * @throws IOException if they are not; then the log is as it was before
     */
    public void append(List<Record> records) throws IOException {
        long before = channel.position();
        try {
            write(channel, encoded(records));
            channel.force(false);
        } catch (IOException e) {
            channel.truncate(before);
            channel.position(before);
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        records.forEach(kept::apply);
        if (channel.position() > rewriteAt) {
            rewrite();
        }
    }

    /** The log has become long and says little: it is written anew, or later if that fails. */
    private void rewrite() throws IOException {
        rewriteAt = rewriteAt(channel.position());
        try {
            FileChannel fresh = writeAnew(file, kept, true);
            channel.close();
            channel = fresh;
            rewriteAt = rewriteAt(fresh.position());
        } catch (IOException e) {
            LOG.warn("{} could not be written anew and grows on: {}", file, e.getMessage());
        }
    }

    private static ByteBuffer encoded(List<Record> records) throws IOException {
        var all = new ArrayList<byte[]>();
        for (Record change : records) {
            byte[] coded = StateRecords.encode(change);
            if (coded.length > RECORD_BYTES_MAX) {
                throw new IOException(
                        "the arguments are too long to be kept: "
                                + coded.length
                                + " bytes, "
                                + RECORD_BYTES_MAX
                                + " are allowed");
            }
            all.add(coded);
        }
        int length = all.stream().mapToInt(coded -> HEADER_BYTES + coded.length).sum();
        var bytes = ByteBuffer.allocate(length);
        all.forEach(coded -> bytes.putInt(coded.length).putInt(crc(coded)).put(coded));
        return bytes.flip();
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
