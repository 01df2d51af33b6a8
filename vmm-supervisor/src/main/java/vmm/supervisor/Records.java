package vmm.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.wire.supervisor.DomainRecord;
import vmm.wire.supervisor.JsonException;

/**
 * What the next supervisor must know to take over, one small file a domain, so that a change costs
 * the same however many there are.
 *
 * <p>A file is renamed into place. It is not synced: what it tells of does not survive the machine
 * either.
 */
final class Records implements Keeper {
    private static final Logger LOG = LogManager.getLogger(Records.class);
    private static final int RECORD_BYTES_MAX = 4 << 20;
    private static final int NAME_BYTES_MAX = 100;

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
        Path file = file(domain);
        Path fresh = folder.resolve(file.getFileName() + ".new");
        try {
            Files.write(fresh, record.json());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.error("{} would not be found by a next supervisor: {}", domain, e.getMessage());
        }
    }

    @Override
    public void forget(String domain) {
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
