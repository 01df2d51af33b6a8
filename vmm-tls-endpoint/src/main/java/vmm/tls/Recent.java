package vmm.tls;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** What was found good, for the next time it is shown; the least recently used goes. Any thread. */
final class Recent<K, V> {
    /** Of clients that come again and again there are few. */
    static final int ENTRIES_MAX = 256;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);

    Optional<V> find(K key) {
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(key));
        } finally {
            lock.unlock();
        }
    }

    void keep(K key, V value) {
        lock.lock();
        try {
            entries.put(key, value);
            if (entries.size() > ENTRIES_MAX) {
                entries.remove(entries.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }
}
