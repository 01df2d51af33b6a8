package vmm.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.console.core.Consoles;
import vmm.console.core.LineSplitter;
import vmm.core.Name;
import vmm.daemon.CoreLoop;

/** The fifos of unikernels that are read, each on a platform thread of its own. Any thread. */
final class Fifos {
    private static final Logger LOG = LogManager.getLogger(Fifos.class);
    private static final long STACK_BYTES = 128 * 1024;

    /** How many reads of all fifos may wait for the core. */
    private static final int READS_MAX = 64;

    /** How many reads are split at once: more would only wait for a processor. */
    private static final int DESKS = 4;

    private final Path folder;
    private final CoreLoop<Runnable> loop;
    private final Consoles consoles;
    private final ConsoleFigures figures;
    private final ConcurrentHashMap<Name, Feed> feeds = new ConcurrentHashMap<>();
    private final Semaphore room = new Semaphore(READS_MAX, true);
    private final ArrayBlockingQueue<LineSplitter.Desk> desks = new ArrayBlockingQueue<>(DESKS);

    Fifos(Path folder, CoreLoop<Runnable> loop, Consoles consoles, ConsoleFigures figures) {
        this.figures = figures;
        this.folder = folder;
        this.loop = loop;
        this.consoles = consoles;
        for (int i = 0; i < DESKS; i++) {
            desks.add(new LineSplitter.Desk());
        }
    }

    /**
     * Has the fifo of {@code name} read. Who reads it already goes on: two readers would tear the
     * lines.
     */
    void add(Name name, Optional<Long> rings) throws IOException {
        Optional<String> why = name.fileProblem();
        if (why.isPresent() || name.isPath()) {
            throw new IOException(why.orElse("'" + name + "' is a path"));
        }
        Path path = folder.resolve(name.toString());
        var attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isOther()) {
            throw new IOException(path + " is no fifo");
        }
        Object key = attributes.fileKey();
        Feed before = feeds.get(name);
        if (before != null && before.goesOn(key)) {
            loop.submit(() -> consoles.add(name, rings));
            return;
        }
        var feed = new Feed(name, path, key, loop, consoles, this, figures);
        loop.submit(() -> consoles.add(name, rings));
        feeds.put(name, feed);
        Thread.ofPlatform().name("fifo " + name).stackSize(STACK_BYTES).start(feed::read);
    }

    /** What all feeds share of the core's queue. */
    Semaphore room() {
        return room;
    }

    /** Waits for a desk, to be given back by {@link #free}. */
    LineSplitter.Desk desk() throws InterruptedException {
        return desks.take();
    }

    void free(LineSplitter.Desk desk) {
        desks.add(desk);
    }

    /** How many fifos are being read. */
    int reading() {
        return feeds.size();
    }

    /** The last writer of a feed has gone. */
    void ended(Name name, Feed feed) {
        if (feeds.remove(name, feed)) {
            loop.submit(() -> consoles.ended(name));
            LOG.debug("the console of {} has ended", name);
        }
    }
}
