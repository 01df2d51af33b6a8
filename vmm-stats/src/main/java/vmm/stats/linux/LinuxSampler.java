package vmm.stats.linux;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.os.KeptFile;
import vmm.os.Libc;
import vmm.os.RouteSocket;
import vmm.stats.core.Pass;
import vmm.stats.core.Reading;
import vmm.stats.core.Sampler;
import vmm.wire.Command;

/** Samples from /proc on kept descriptors, rtnetlink and KVM's statistics descriptors. */
public final class LinuxSampler implements Sampler {
    private static final Logger LOG = LogManager.getLogger(LinuxSampler.class);

    /** More than any of the files of /proc/PID that are read here. */
    private static final int FILE_BYTES_MAX = KvmStats.BYTES_MAX;

    private static final int TAPS_MAX = 64;

    private final Map<Name, Watched> watched = new LinkedHashMap<>();
    private final KeptFile reader = new KeptFile(FILE_BYTES_MAX);
    private final byte[] content = new byte[FILE_BYTES_MAX];
    private final LinkTable links;
    private final Clock clock;
    private final int uptime;

    /** A process with its taps, or the memory of one that was gone when it was added. */
    private record Watched(
            long pid, @Nullable ProcFiles files, List<String> bridges, List<LinkTable.Tap> taps) {}

    /**
     * @param clock tells when a process started, once, when it is added
     */
    public LinuxSampler(Clock clock) throws IOException {
        this.clock = clock;
        uptime = Libc.open("/proc/uptime", Libc.O_RDONLY, 0);
        links = new LinkTable(RouteSocket.open());
    }

    @Override
    public void add(Name name, Command.StatsAdd process) {
        Watched before = watched.get(name);
        if (before != null
                && before.pid() == process.pid()
                && before.bridges().equals(bridges(process))
                && before.files() != null
                && before.files().isAlive(reader, content)) {
            return;
        }
        remove(name);
        var taps = new ArrayList<LinkTable.Tap>();
        ProcFiles files = null;
        try {
            for (Command.Tap tap : limited(process)) {
                taps.add(links.add(tap.tap()));
            }
            files = ProcFiles.open(process.pid(), reader, content, clock, uptimeMillis());
        } catch (IOException e) {
            LOG.debug("{} is gone: {}", name, e.getMessage());
        }
        watched.put(name, new Watched(process.pid(), files, bridges(process), taps));
    }

    private static List<Command.Tap> limited(Command.StatsAdd process) {
        return process.taps().subList(0, Math.min(TAPS_MAX, process.taps().size()));
    }

    private static List<String> bridges(Command.StatsAdd process) {
        return limited(process).stream().map(Command.Tap::bridge).toList();
    }

    @Override
    public void remove(Name name) {
        Watched gone = watched.remove(name);
        if (gone != null) {
            gone.taps().forEach(links::remove);
            if (gone.files() != null) {
                gone.files().close();
            }
        }
    }

    @Override
    public Pass pass(Set<Name> names) throws IOException {
        links.read();
        long now = uptimeMillis();
        var readings = new ArrayList<Reading>(names.size());
        var ended = new HashMap<Name, Long>();
        for (Map.Entry<Name, Watched> entry : watched.entrySet()) {
            if (names.contains(entry.getKey())) {
                look(entry.getKey(), entry.getValue(), now, readings, ended);
            }
        }
        return new Pass(readings, ended);
    }

    private void look(
            Name name, Watched process, long now, List<Reading> readings, Map<Name, Long> ended)
            throws IOException {
        ProcFiles files = process.files();
        ProcFiles.Use use = files == null ? null : files.read(reader, content);
        if (files == null || use == null) {
            ended.put(name, process.pid());
            return;
        }
        var interfaces = new ArrayList<Sample.Interface>(process.taps().size());
        for (int i = 0; i < process.taps().size(); i++) {
            LinkTable.Tap tap = process.taps().get(i);
            Optional<Sample.Interface> seen = links.sample(tap, process.bridges().get(i));
            if (seen.isPresent()) {
                interfaces.add(seen.get());
            } else {
                links.lookUpMissing(tap);
            }
        }
        var sample =
                new Sample(
                        use.use(),
                        interfaces,
                        files.kvm(reader, content),
                        Optional.of(use.memory()));
        readings.add(
                new Reading(
                        name,
                        process.pid(),
                        sample,
                        use.residentBytes(),
                        use.storage(),
                        Math.max(0, now - files.startMillis())));
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
        for (Name name : List.copyOf(watched.keySet())) {
            remove(name);
        }
        links.close();
        Libc.close(uptime);
        reader.close();
    }
}
