package vmm.vmmd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import vmm.core.Name;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.Unikernel;
import vmm.vmmd.core.Unikernel.Phase;

/**
 * Sees which unikernels have had no traffic for as long as their limits say. A thread of its own.
 */
final class IdleWatch implements Runnable {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private record Seen(long pid, long packets, Instant since) {}

    private final Shell shell;
    private Map<Name, Seen> seen = Map.of();

    IdleWatch(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
            look(Instant.now());
        }
    }

    private void look(Instant now) {
        var next = new HashMap<Name, Seen>();
        for (Unikernel u : shell.state().unikernels().values()) {
            if (u.spec().limits().idleSeconds() > 0
                    && u.phase() instanceof Phase.Running(var run)
                    && !run.taps().isEmpty()) {
                look(u, run, now, next);
            }
        }
        seen = next;
    }

    private void look(Unikernel u, Unikernel.Run run, Instant now, Map<Name, Seen> next) {
        long packets = run.taps().values().stream().mapToLong(IdleWatch::packets).sum();
        Seen before = seen.get(u.name());
        if (before == null || before.pid() != run.pid() || before.packets() != packets) {
            next.put(u.name(), new Seen(run.pid(), packets, now));
            return;
        }
        Duration silent = Duration.between(before.since(), now);
        if (silent.toSeconds() >= u.spec().limits().idleSeconds()) {
            shell.submit(new Input.Idled(u.name(), run.pid()));
        } else {
            next.put(u.name(), before);
        }
    }

    /** What went in and out; a tap that has gone has none. */
    private static long packets(String tap) {
        Path statistics = Path.of("/sys/class/net", tap, "statistics");
        try {
            return Long.parseLong(Files.readString(statistics.resolve("rx_packets")).strip())
                    + Long.parseLong(Files.readString(statistics.resolve("tx_packets")).strip());
        } catch (IOException gone) {
            return 0;
        }
    }
}
