package vmm.vmmd.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import vmm.core.Name;

/**
 * A user of its own for each unikernel's tender: ids that no other program of the host has, given
 * again only after all others were. Any thread.
 */
final class TenderUsers {
    /** Of the ids that systemd's list of ranges leaves to nobody. */
    static final long FIRST = 1_900_000_000;

    static final long COUNT = 65_536;

    private final Map<Name, Long> users = new ConcurrentHashMap<>();
    private final Set<Long> taken = ConcurrentHashMap.newKeySet();
    private final AtomicLong next = new AtomicLong();

    /**
     * @throws IOException if all are taken
     */
    long take(Name name) throws IOException {
        for (long tried = 0; tried < COUNT; tried++) {
            long user = FIRST + Math.floorMod(next.getAndIncrement(), COUNT);
            if (taken.add(user)) {
                users.put(name, user);
                return user;
            }
        }
        throw new IOException("all " + COUNT + " users of tenders are taken");
    }

    /** A tender of an earlier vmmd runs on as whoever it is. */
    void know(Name name, long pid) throws IOException {
        Object uid;
        try {
            uid = Files.getAttribute(Path.of("/proc/" + pid), "unix:uid");
        } catch (NoSuchFileException ended) {
            return;
        }
        if (uid instanceof Integer user && user >= FIRST && user < FIRST + COUNT) {
            taken.add((long) user);
            users.put(name, (long) user);
        }
    }

    boolean has(Name name) {
        return users.containsKey(name);
    }

    void release(Name name) {
        Long user = users.remove(name);
        if (user != null) {
            taken.remove(user);
        }
    }
}
