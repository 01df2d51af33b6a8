package vmm.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.wire.supervisor.DomainRecord;
import vmm.wire.supervisor.JsonException;

/**
 * What the next supervisor must know to take over, one small file a domain, so that a change costs
 * the same however many there are. One thread.
 *
 * <p>A change is a line more, so that it costs no order from the disk; a long file is written anew
 * and renamed into place. Nothing is synced: what it tells of does not survive the machine either.
 */
final class Records implements Keeper {
    private static final Logger LOG = LogManager.getLogger(Records.class);
    private static final int RECORD_BYTES_MAX = 4 << 20;

    /** A file of more lines than that is written anew at the domain's next change. */
    private static final int LINES_BYTES_MAX = 64 << 10;

    private static final int NAME_BYTES_MAX = 100;

    /** A file that this process has written. */
    private static final class Kept {
        final Path file;
        long bytes;

        Kept(Path file, long bytes) {
            this.file = file;
            this.bytes = bytes;
        }
    }

    private final Map<String, Kept> files = new HashMap<>();
    private final Path folder;

    /**
     * @param folder of this supervisor alone; made where it is missing
     */
    Records(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    private Path file(String domain) {
        byte[] name = domain.getBytes(StandardCharsets.UTF_8);
        String hex =
                name.length <= NAME_BYTES_MAX
                        ? HexFormat.of().formatHex(name)
                        : HexFormat.of().formatHex(name, 0, NAME_BYTES_MAX)
                                + Integer.toHexString(domain.hashCode());
        return folder.resolve(hex + ".json");
    }

    @Override
    public void keep(String domain, DomainRecord record) {
        Kept kept = files.get(domain);
        byte[] line = record.line();
        if (kept != null && kept.bytes + line.length <= LINES_BYTES_MAX) {
            append(domain, kept, line);
            return;
        }
        Path file = file(domain);
        Path fresh = folder.resolve(file.getFileName() + ".new");
        try {
            Files.write(fresh, line);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            files.put(domain, new Kept(file, line.length));
        } catch (IOException e) {
            complain(domain, e);
        }
    }

    @Override
    public boolean keep(String domain, DomainRecord.Process process) {
        Kept kept = files.get(domain);
        if (kept == null || kept.bytes >= LINES_BYTES_MAX) {
            return false;
        }
        append(domain, kept, process.line());
        return true;
    }

    private void append(String domain, Kept kept, byte[] line) {
        try {
            Files.write(kept.file, line, StandardOpenOption.APPEND);
            kept.bytes += line.length;
        } catch (IOException e) {
            // Half a line may be there: the next change writes anew.
            kept.bytes = LINES_BYTES_MAX;
            complain(domain, e);
        }
    }

    private static void complain(String domain, IOException why) {
        LOG.error("{} would not be found by a next supervisor: {}", domain, why.getMessage());
    }

    @Override
    public void forget(String domain) {
        files.remove(domain);
        try {
            Files.deleteIfExists(file(domain));
        } catch (IOException e) {
            LOG.error("cannot forget {}: {}", domain, e.getMessage());
        }
    }

    /** What there is of this boot; the rest is deleted. */
    List<DomainRecord> load(String bootId) throws IOException {
        var found = new ArrayList<DomainRecord>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (!Files.isRegularFile(file)) {
                    continue;
                }
                try {
                    if (file.toString().endsWith(".json") && Files.size(file) <= RECORD_BYTES_MAX) {
                        DomainRecord record = DomainRecord.parse(Files.readAllBytes(file));
                        if (record.bootId().equals(bootId)) {
                            found.add(record);
                            continue;
                        }
                    }
                } catch (JsonException e) {
                    LOG.error("{} cannot be understood: {}", file, e.getMessage());
                }
                Files.delete(file);
            }
        }
        return found;
    }
}
