package vmm.console;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.console.core.Block;
import vmm.console.core.Consoles;
import vmm.console.core.LineSplitter;
import vmm.core.Name;
import vmm.daemon.CoreLoop;
import vmm.os.FifoSource;

/** The reader of one fifo: bytes to lines, lines to the core, never more than it can take. */
final class Feed {
    private static final Logger LOG = LogManager.getLogger(Feed.class);
    private static final int READ_BYTES = 64 * 1024;

    /** How many reads may wait for the core: a flood waits in its fifo, not in our memory. */
    private static final int READS_MAX = 4;

    private final Name name;
    private final Path path;
    private final Object key;
    private final CoreLoop<Runnable> loop;
    private final Consoles consoles;
    private final Fifos fifos;
    private final ConsoleFigures figures;
    private final LineSplitter splitter = new LineSplitter();
    private final Semaphore ownRoom = new Semaphore(READS_MAX);
    private volatile List<Consoles.Listener> audience = List.of();
    private FifoSource source;

    private final ReentrantLock lock = new ReentrantLock();
    private boolean again;
    private boolean over;

    Feed(
            Name name,
            Path path,
            Object key,
            CoreLoop<Runnable> loop,
            Consoles consoles,
            Fifos fifos,
            ConsoleFigures figures)
            throws IOException {
        this.figures = figures;
        this.name = name;
        this.path = path;
        this.key = key;
        this.loop = loop;
        this.consoles = consoles;
        this.fifos = fifos;
        source = FifoSource.open(path, READ_BYTES);
    }

    /** Whether this reads {@code fileKey}, and will until another last writer has gone. */
    boolean goesOn(Object fileKey) {
        lock.lock();
        try {
            again = !over && key.equals(fileKey);
            return again;
        } finally {
            lock.unlock();
        }
    }

    void read() {
        try {
            do {
                drain();
                source.close();
            } while (reopened());
        } catch (IOException e) {
            LOG.warn("reading the console of {}: {}", name, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            fifos.ended(name, this);
        }
    }

    private boolean reopened() throws IOException {
        lock.lock();
        try {
            over = !again;
            again = false;
            if (!over) {
                source = FifoSource.open(path, READ_BYTES);
            }
            return !over;
        } finally {
            lock.unlock();
        }
    }

    private void drain() throws InterruptedException {
        ByteBuffer bytes;
        do {
            bytes = source.read();
            hand(split(bytes));
        } while (bytes.limit() > 0);
    }

    private Block split(ByteBuffer bytes) throws InterruptedException {
        Instant now = Instant.now();
        LineSplitter.Desk desk = fifos.desk();
        try {
            return bytes.hasRemaining()
                    ? splitter.split(now, bytes, desk)
                    : splitter.rest(now, desk);
        } finally {
            fifos.free(desk);
        }
    }

    private void hand(Block block) throws InterruptedException {
        if (block.count() == 0) {
            return;
        }
        figures.lines().add(block.count());
        for (Consoles.Listener listener : audience) {
            listener.pace();
        }
        ownRoom.acquire();
        fifos.room().acquire();
        loop.submit(
                () -> {
                    audience = consoles.lines(name, block);
                    fifos.room().release();
                    ownRoom.release();
                });
    }
}
