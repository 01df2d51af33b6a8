package vmm.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.console.core.Consoles;
import vmm.core.Name;
import vmm.daemon.CoreLoop;

/** The fifos of unikernels that are read, each on a platform thread of its own. Any thread. */
final class Fifos {
    private static final Logger LOG = LogManager.getLogger(Fifos.class);
    private static final long STACK_BYTES = 128 * 1024;

    private final Path folder;
    private final CoreLoop<Runnable> loop;
    private final Consoles consoles;
    private final ConcurrentHashMap<Name, Feed> feeds = new ConcurrentHashMap<>();

    Fifos(Path folder, CoreLoop<Runnable> loop, Consoles consoles) {
        this.folder = folder;
        this.loop = loop;
        this.consoles = consoles;
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
        var feed = new Feed(name, path, key, loop, consoles, this);
        loop.submit(() -> consoles.add(name, rings));
        feeds.put(name, feed);
        Thread.ofPlatform().name("fifo " + name).stackSize(STACK_BYTES).start(feed::read);
    }

    /** The last writer of a feed has gone. */
    void ended(Name name, Feed feed) {
        if (feeds.remove(name, feed)) {
            loop.submit(() -> consoles.ended(name));
            LOG.debug("the console of {} has ended", name);
        }
    }
}
