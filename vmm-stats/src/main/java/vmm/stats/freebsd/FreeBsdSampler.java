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
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Sample;
import vmm.stats.core.Pass;
import vmm.stats.core.Reading;
import vmm.stats.core.Sampler;
import vmm.stats.core.Watched;
import vmm.wire.Command;

/**
 * Samples from sysctl(3). Tried with bytes laid out by hand, never on a running FreeBSD; bhyve's
 * own counters (/dev/vmm) are not read, and the program does not use this yet. The start time tells
 * a process from its successor.
 */
public final class FreeBsdSampler implements Sampler {
    private static final Logger LOG = LogManager.getLogger(FreeBsdSampler.class);
    private static final int CTL_KERN = 1;
    private static final int KERN_PROC = 14;
    private static final int KERN_PROC_PID = 1;
    private static final int CTL_NET = 4;
    private static final int PF_LINK = 18;
    private static final int NETLINK_GENERIC = 0;
    private static final int IFMIB_IFDATA = 2;
    private static final int IFDATA_GENERAL = 1;

    private final Map<Watched, Process> processes = new HashMap<>();
    private final Sysctl system;
    private final Clock clock;
    private final long pageBytes;

    private record Process(Sample.Time start) {}

    public FreeBsdSampler(Sysctl system, Clock clock, long pageBytes) {
        this.system = system;
        this.clock = clock;
        this.pageBytes = pageBytes;
    }

    @Override
    public void add(Watched watched) {
        process(watched)
                .ifPresent(found -> processes.put(watched, new Process(found.memory().start())));
    }

    @Override
    public void remove(Watched watched) {
        processes.remove(watched);
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
            if (found.isPresent()) {
                readings.add(reading(watched, found.get()));
            } else {
                ended.add(watched);
            }
        }
        return new Pass(readings, ended);
    }

    private Optional<KinfoProc> process(Watched watched) {
        int pid = (int) watched.process().pid();
        try {
            byte[] content = system.read(KinfoProc.BYTES, CTL_KERN, KERN_PROC, KERN_PROC_PID, pid);
            return KinfoProc.parse(content).filter(found -> found.pid() == pid);
        } catch (IOException e) {
            LOG.debug("{}: {}", watched, e.getMessage());
            return Optional.empty();
        }
    }

    private Reading reading(Watched watched, KinfoProc found) {
        var sample =
                new Sample(
                        found.use(),
                        taps(watched.process()),
                        Optional.empty(),
                        Optional.of(found.memory()));
        Sample.Time start = found.memory().start();
        Instant started = Instant.ofEpochSecond(start.seconds(), start.microseconds() * 1000);
        return new Reading(
                watched,
                sample,
                found.memory().rss() * pageBytes,
                Reading.Storage.NONE,
                Math.max(0, Duration.between(started, clock.instant()).toMillis()));
    }

    private List<Sample.Interface> taps(Command.StatsAdd process) {
        var taps = new ArrayList<Sample.Interface>();
        for (Command.Tap tap : process.taps()) {
            int index = system.interfaceIndex(tap.tap());
            if (index != 0) {
                try {
                    byte[] content =
                            system.read(
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
        processes.clear();
    }
}
