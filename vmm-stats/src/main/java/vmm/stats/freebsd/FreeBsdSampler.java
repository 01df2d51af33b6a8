package vmm.stats.freebsd;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Sample;
import vmm.stats.core.Pass;
import vmm.stats.core.Reading;
import vmm.stats.core.Sampler;
import vmm.stats.core.Watched;
import vmm.wire.Command;

/**
 * Samples from sysctl(3) and bhyve's devices. Tried with bytes laid out by hand, never on a running
 * FreeBSD. The start time tells a process from its successor.
 */
public final class FreeBsdSampler implements Sampler {
    private static final Logger LOG = LogManager.getLogger(FreeBsdSampler.class);
    private static final Pattern MACHINE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}");
    private static final int CTL_KERN = 1;
    private static final int KERN_PROC = 14;
    private static final int KERN_PROC_PID = 1;
    private static final int CTL_NET = 4;
    private static final int PF_LINK = 18;
    private static final int NETLINK_GENERIC = 0;
    private static final int IFMIB_IFDATA = 2;
    private static final int IFDATA_GENERAL = 1;

    private final Map<Watched, Process> processes = new HashMap<>();
    private final Kernel kernel;
    private final Clock clock;
    private final long pageBytes;

    /** A process that was there, with its machine where there is one. */
    private record Process(Sample.Time start, Optional<BhyveStats> machine) {}

    public FreeBsdSampler(Kernel kernel, Clock clock, long pageBytes) {
        this.kernel = kernel;
        this.clock = clock;
        this.pageBytes = pageBytes;
    }

    @Override
    public void add(Watched watched) {
        process(watched)
                .ifPresent(
                        found ->
                                processes.put(
                                        watched,
                                        new Process(found.memory().start(), machine(watched))));
    }

    /** The name comes from the wire: it must not lead out of the folder of devices. */
    private Optional<BhyveStats> machine(Watched watched) {
        String name = watched.process().vmmdev();
        if (!MACHINE.matcher(name).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BhyveStats(kernel.machine(name)));
        } catch (IOException e) {
            LOG.debug("no figures of machine {}: {}", name, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void remove(Watched watched) {
        Process gone = processes.remove(watched);
        if (gone != null && gone.machine().isPresent()) {
            try {
                gone.machine().get().close();
            } catch (IOException e) {
                LOG.debug("{}: {}", watched, e.getMessage());
            }
        }
    }

    @Override
    public Pass pass(Collection<Watched> all) {
        var readings = new ArrayList<Reading>();
        var ended = new ArrayList<Watched>();
        for (Watched watched : all) {
            Process known = processes.get(watched);
            Optional<KinfoProc> found =
                    known == null
                            ? Optional.empty()
                            : process(watched)
                                    .filter(now -> now.memory().start().equals(known.start()));
            if (known != null && found.isPresent()) {
                readings.add(reading(watched, found.get(), counters(known)));
            } else {
                ended.add(watched);
            }
        }
        return new Pass(readings, ended);
    }

    private Optional<KinfoProc> process(Watched watched) {
        int pid = (int) watched.process().pid();
        try {
            byte[] content = kernel.read(KinfoProc.BYTES, CTL_KERN, KERN_PROC, KERN_PROC_PID, pid);
            return KinfoProc.parse(content).filter(found -> found.pid() == pid);
        } catch (IOException e) {
            LOG.debug("{}: {}", watched, e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<List<Sample.Counter>> counters(Process process) {
        if (process.machine().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(process.machine().get().read());
        } catch (IOException e) {
            LOG.debug("no figures of a machine: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private Reading reading(
            Watched watched, KinfoProc found, Optional<List<Sample.Counter>> counters) {
        var sample =
                new Sample(
                        found.use(),
                        taps(watched.process()),
                        counters,
                        Optional.of(found.memory()));
        Sample.Time start = found.memory().start();
        Instant started = Instant.ofEpochSecond(start.seconds(), start.microseconds() * 1000);
        return new Reading(
                watched,
                sample,
                found.memory().rss() * pageBytes,
                Reading.Storage.NONE,
                Optional.empty(),
                Math.max(0, Duration.between(started, clock.instant()).toMillis()));
    }

    private List<Sample.Interface> taps(Command.StatsAdd process) {
        var taps = new ArrayList<Sample.Interface>();
        for (Command.Tap tap : process.taps()) {
            int index = kernel.interfaceIndex(tap.tap());
            if (index != 0) {
                try {
                    byte[] content =
                            kernel.read(
                                    IfMib.BYTES,
                                    CTL_NET,
                                    PF_LINK,
                                    NETLINK_GENERIC,
                                    IFMIB_IFDATA,
                                    index,
                                    IFDATA_GENERAL);
                    IfMib.parse(content, tap.bridge())
                            .filter(found -> found.name().equals(tap.tap()))
                            .ifPresent(found -> taps.add(found.counters()));
                } catch (IOException e) {
                    LOG.debug("{}: {}", tap.tap(), e.getMessage());
                }
            }
        }
        return taps;
    }

    @Override
    public void close() {
        List.copyOf(processes.keySet()).forEach(this::remove);
    }
}
