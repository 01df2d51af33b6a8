package vmm.stats.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
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
import vmm.os.GuardedFigures;
import vmm.os.KeptFile;
import vmm.os.Libc;
import vmm.os.ProcText;
import vmm.os.RouteSocket;
import vmm.stats.core.Pass;
import vmm.stats.core.Reading;
import vmm.stats.core.Sampler;
import vmm.stats.core.Watched;
import vmm.wire.Command;
import vmm.wire.supervisor.FiguresResponse;

/** Samples from /proc on kept descriptors, rtnetlink and KVM's statistics descriptors. */
public final class LinuxSampler implements Sampler {
    private static final Logger LOG = LogManager.getLogger(LinuxSampler.class);

    /** More than any of the files of /proc/PID that are read here. */
    private static final int FILE_BYTES_MAX = GuardedFigures.FILE_BYTES_MAX;

    /**
     * Of so many all files are read in a pass; with more processes they take turns. Then what is
     * not in /proc/PID/stat (peaks, switches, block bytes) is some passes old.
     */
    private static final int THOROUGH_PROCESSES = FiguresResponse.PIDS_MAX;

    private static final int TAPS_MAX = 64;

    private final Map<Watched, Process> processes = new HashMap<>();
    private final KeptFile reader = new KeptFile(FILE_BYTES_MAX);
    private final byte[] content = new byte[FILE_BYTES_MAX];
    private final LinkTable links;
    private final Guard guard;
    private final int uptime;

    /** Asked for once: who sets the clock later does not move when a process started. */
    private final Instant systemStart;

    /** Where control groups are mounted, which does not change while we run. */
    private final String mountinfo;

    private int thoroughNext;

    /** A process that could be opened, with its taps. */
    private record Process(ProcFiles files, List<String> bridges, List<LinkTable.Tap> taps) {}

    /**
     * @param clock tells when the system started
     * @param guard is asked of processes that others own
     */
    public LinuxSampler(Clock clock, Guard guard) throws IOException {
        this.guard = guard;
        uptime = Libc.open("/proc/uptime", Libc.O_RDONLY, 0);
        systemStart = clock.instant().minusMillis(uptimeMillis());
        mountinfo = Files.readString(Path.of("/proc/self/mountinfo"));
        links = new LinkTable(RouteSocket.open());
    }

    @Override
    public void add(Watched watched) {
        try {
            var files =
                    ProcFiles.open(
                            watched.process().pid(), reader, content, systemStart, mountinfo);
            var bridges = new ArrayList<String>();
            var taps = new ArrayList<LinkTable.Tap>();
            for (Command.Tap tap : watched.process().taps()) {
                if (taps.size() < TAPS_MAX) {
                    taps.add(links.add(tap.tap()));
                    bridges.add(tap.bridge());
                }
            }
            processes.put(watched, new Process(files, bridges, taps));
        } catch (IOException e) {
            LOG.debug("{} is gone: {}", watched, e.getMessage());
        }
    }

    @Override
    public void remove(Watched watched) {
        Process gone = processes.remove(watched);
        if (gone != null) {
            gone.taps().forEach(links::remove);
            gone.files().close();
        }
    }

    @Override
    public Pass pass(Collection<Watched> all) throws IOException {
        links.read();
        askOfGuarded(all);
        long now = uptimeMillis();
        var readings = new ArrayList<Reading>(all.size());
        var ended = new ArrayList<Watched>();
        int index = 0;
        for (Watched watched : all) {
            Process process = processes.get(watched);
            boolean thorough = isThorough(index++, all.size());
            ProcFiles.Use use =
                    process == null ? null : process.files().read(reader, content, thorough);
            if (process == null || use == null) {
                ended.add(watched);
            } else {
                readings.add(reading(watched, process, use, now));
            }
        }
        thoroughNext = all.isEmpty() ? 0 : (thoroughNext + THOROUGH_PROCESSES) % all.size();
        return new Pass(readings, ended);
    }

    /** One question for all whose turn it is. */
    private void askOfGuarded(Collection<Watched> all) {
        var guarded = new ArrayList<ProcFiles>();
        int index = 0;
        for (Watched watched : all) {
            Process process = processes.get(watched);
            if (isThorough(index++, all.size()) && process != null && process.files().isGuarded()) {
                guarded.add(process.files());
            }
        }
        if (guarded.isEmpty()) {
            return;
        }
        var told = new HashMap<Long, FiguresResponse.Process>();
        for (var figures : guard.figures(guarded.stream().map(ProcFiles::pid).toList())) {
            told.put(figures.pid(), figures);
        }
        for (ProcFiles files : guarded) {
            FiguresResponse.Process figures = told.get(files.pid());
            if (figures != null) {
                files.told(figures);
            }
        }
    }

    /** Whose turn it is, in a circle. */
    private boolean isThorough(int index, int count) {
        return Math.floorMod(index - thoroughNext, count) < THOROUGH_PROCESSES;
    }

    private Reading reading(Watched watched, Process process, ProcFiles.Use use, long now)
            throws IOException {
        var interfaces = new ArrayList<Sample.Interface>(process.taps().size());
        for (int i = 0; i < process.taps().size(); i++) {
            LinkTable.Tap tap = process.taps().get(i);
            Optional<Sample.Interface> seen = links.sample(tap, process.bridges().get(i));
            if (seen.isPresent()) {
                interfaces.add(seen.get());
            } else {
                links.lookUp(tap);
            }
        }
        ProcFiles files = process.files();
        var sample =
                new Sample(
                        use.use(),
                        interfaces,
                        files.kvm(reader, content),
                        Optional.of(use.memory()));
        return new Reading(
                watched,
                sample,
                use.residentBytes(),
                use.storage(),
                use.group(),
                Math.max(0, now - files.startMillis()));
    }

    private long uptimeMillis() throws IOException {
        int length = reader.read(uptime, 0, content);
        long millis = length < 0 ? -1 : ProcText.uptimeMillis(content, length);
        if (millis < 0) {
            throw new IOException("cannot read /proc/uptime");
        }
        return millis;
    }

    @Override
    public void close() throws IOException {
        List.copyOf(processes.keySet()).forEach(this::remove);
        links.close();
        Libc.close(uptime);
        reader.close();
    }
}
