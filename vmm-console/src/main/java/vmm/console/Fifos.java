package vmm.console;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.console.core.Consoles;
import vmm.console.core.LineSplitter;
import vmm.core.Name;
import vmm.daemon.CoreLoop;
import vmm.os.FifoSource;

/** Reads the fifos of unikernels, each on a platform thread of its own. */
final class Fifos {
    private static final Logger LOG = LogManager.getLogger(Fifos.class);
    private static final int READ_BYTES = 64 * 1024;

    /** How many reads may wait for the core: a flood waits in its fifo, not in our memory. */
    private static final int BATCHES_MAX = 4;

    private static final long STACK_BYTES = 128 * 1024;

    private final Path folder;
    private final CoreLoop<Runnable> loop;
    private final Consoles consoles;
    private final ConcurrentHashMap<Name, FifoSource> open = new ConcurrentHashMap<>();

    Fifos(Path folder, CoreLoop<Runnable> loop, Consoles consoles) {
        this.folder = folder;
        this.loop = loop;
        this.consoles = consoles;
    }

    /** Opens the fifo of {@code name}; one that is read already is opened anew. */
    void add(Name name) throws IOException {
        Optional<String> why = name.fileProblem();
        if (why.isPresent() || name.isPath()) {
            throw new IOException(why.orElse("'" + name + "' is a path"));
        }
        FifoSource source = FifoSource.open(folder.resolve(name.toString()), READ_BYTES);
        FifoSource before = open.put(name, source);
        if (before != null) {
            before.stop();
        }
        Thread.ofPlatform()
                .name("fifo " + name)
                .stackSize(STACK_BYTES)
                .start(() -> read(name, source));
    }

    private void read(Name name, FifoSource source) {
        var splitter = new LineSplitter();
        var room = new Semaphore(BATCHES_MAX);
        try (source) {
            ByteBuffer bytes = source.read();
            while (bytes.hasRemaining()) {
                hand(name, splitter.split(bytes), room);
                bytes = source.read();
            }
            hand(name, splitter.rest(), room);
        } catch (IOException e) {
            LOG.warn("reading the console of {}: {}", name, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (open.remove(name, source)) {
                loop.submit(() -> consoles.ended(name));
            }
        }
    }

    private void hand(Name name, List<String> lines, Semaphore room) throws InterruptedException {
        if (lines.isEmpty()) {
            return;
        }
        Instant now = Instant.now();
        room.acquire();
        loop.submit(
                () -> {
                    consoles.lines(name, now, lines);
                    room.release();
                });
    }
}
