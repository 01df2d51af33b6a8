package vmm.supervisor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.os.GuardedFigures;
import vmm.os.KeptFile;
import vmm.os.Libc;
import vmm.os.ProcText;
import vmm.os.Processes;
import vmm.wire.supervisor.FiguresResponse;

/**
 * What the kernel tells root alone of the processes of domains, for whoever makes statistics
 * without being root. Any thread.
 */
final class Figures {
    private static final Logger LOG = LogManager.getLogger(Figures.class);

    private record Kept(long startTicks, GuardedFigures figures) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, Kept> kept = new HashMap<>();

    /**
     * @param living the start ticks of all processes by their pids
     */
    FiguresResponse of(List<Long> pids, Map<Long, Long> living) {
        lock.lock();
        try (var reader = new KeptFile(GuardedFigures.FILE_BYTES_MAX)) {
            forgetEnded(living);
            var content = new byte[GuardedFigures.FILE_BYTES_MAX];
            var found = new ArrayList<FiguresResponse.Process>();
            for (long pid : pids) {
                Long startTicks = living.get(pid);
                Kept one = startTicks == null ? null : kept(pid, startTicks);
                if (one != null) {
                    read(pid, one, reader, content).ifPresent(found::add);
                }
            }
            return new FiguresResponse(found);
        } finally {
            lock.unlock();
        }
    }

    private void forgetEnded(Map<Long, Long> living) {
        kept.entrySet()
                .removeIf(
                        entry -> {
                            Kept one = entry.getValue();
                            boolean ended =
                                    living.getOrDefault(entry.getKey(), 0L) != one.startTicks();
                            if (ended) {
                                close(one.figures());
                            }
                            return ended;
                        });
    }

    private @Nullable Kept kept(long pid, long startTicks) {
        Kept before = kept.get(pid);
        return before != null ? before : open(pid, startTicks);
    }

    private @Nullable Kept open(long pid, long startTicks) {
        Optional<GuardedFigures> figures;
        try {
            int folder = KeptFile.folder("/proc/" + pid);
            try {
                figures = GuardedFigures.open(pid, folder);
            } finally {
                Libc.close(folder);
            }
        } catch (IOException gone) {
            return null;
        }
        if (figures.isEmpty()) {
            return null;
        }
        // Its end may not have been noticed yet, and the number be another's.
        if (Processes.startTicks((int) pid) != startTicks) {
            close(figures.get());
            return null;
        }
        var one = new Kept(startTicks, figures.get());
        kept.put(pid, one);
        return one;
    }

    private static Optional<FiguresResponse.Process> read(
            long pid, Kept one, KeptFile reader, byte[] content) {
        ProcText.Io io = one.figures().io(reader, content);
        if (io == null) {
            return Optional.empty();
        }
        var counters = new LinkedHashMap<String, Long>();
        try {
            if (one.figures().hasCounters(reader, content)) {
                one.figures().counters(reader, content, counters::put);
            }
        } catch (IOException e) {
            LOG.debug("no KVM figures of process {}: {}", pid, e.getMessage());
        }
        return Optional.of(
                new FiguresResponse.Process(
                        pid,
                        one.startTicks(),
                        io.readCalls(),
                        io.writeCalls(),
                        io.read(),
                        io.written(),
                        counters));
    }

    private static void close(GuardedFigures figures) {
        try {
            figures.close();
        } catch (IOException e) {
            LOG.error("{}", e.getMessage());
        }
    }
}
