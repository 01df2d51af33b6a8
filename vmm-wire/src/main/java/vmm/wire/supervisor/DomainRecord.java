package vmm.wire.supervisor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a supervisor writes down of a domain, for its successor in the same boot. Lines of JSON:
 * what the whole domain was at some moment, and below it the processes that were begun or ended
 * since.
 *
 * @param cgroup the folders of its control group
 * @param thawOnTraffic true if it was frozen until traffic comes
 */
public record DomainRecord(
        String bootId,
        ConfigureRequest configuration,
        DomainsResponse.State state,
        Map<String, String> taps,
        Map<String, String> cgroup,
        boolean thawOnTraffic,
        List<Process> processes) {
    public DomainRecord {
        taps = Map.copyOf(taps);
        cgroup = Map.copyOf(cgroup);
        processes = List.copyOf(processes);
    }

    /**
     * @param startTicks when the kernel started it, in ticks since boot
     * @param told true if somebody has read how it ended
     */
    public record Process(
            String name,
            int pid,
            long startTicks,
            long startMillis,
            Optional<String> output,
            Optional<EventData> ended,
            boolean told) {
        public byte[] line() {
            var to = new JsonWriter();
            write(to);
            return to.line();
        }

        private void write(JsonWriter to) {
            to.object().name("name").text(name).name("pid").number(pid);
            to.name("start_ticks").number(startTicks);
            to.name("start_millis").number(startMillis);
            to.name("output").text(output.orElse(null)).name("ended");
            if (ended.isPresent()) {
                ended.get().write(to);
            } else {
                to.text(null);
            }
            to.name("told").flag(told).endObject();
        }

        private static Process read(Fields from) throws JsonException {
            Optional<Fields> ended = from.object("ended");
            return new Process(
                    from.textOrEmpty("name"),
                    (int) from.count("pid").orElse(0),
                    from.count("start_ticks").orElse(0),
                    from.count("start_millis").orElse(0),
                    from.text("output"),
                    ended.isEmpty() ? Optional.empty() : Optional.of(EventData.read(ended.get())),
                    from.flag("told"));
        }
    }

    public byte[] line() {
        var to = new JsonWriter().object().name("boot_id").text(bootId);
        configuration.write(to.name("configuration"));
        to.name("state").text(state.name()).name("taps").texts(taps);
        to.name("cgroup").texts(cgroup).name("thaw_on_traffic").flag(thawOnTraffic);
        to.name("processes").array();
        processes.forEach(p -> p.write(to));
        return to.endArray().endObject().line();
    }

    /** The last line of the whole domain, and what follows it. A line that was cut off is none. */
    public static DomainRecord parse(byte[] lines) throws JsonException {
        String text = new String(lines, StandardCharsets.UTF_8);
        DomainRecord whole = null;
        var later = new LinkedHashMap<String, Process>();
        int begin = 0;
        while (begin < text.length()) {
            int end = text.indexOf('\n', begin);
            if (end < 0 && whole != null) {
                break;
            }
            String line = text.substring(begin, end < 0 ? text.length() : end);
            Fields from = Fields.parse(line.getBytes(StandardCharsets.UTF_8));
            if (from.has("boot_id")) {
                whole = read(from);
                later.clear();
                whole.processes().forEach(p -> later.put(p.name(), p));
            } else {
                Process process = Process.read(from);
                later.put(process.name(), process);
            }
            begin += line.length() + 1;
        }
        if (whole == null) {
            throw new JsonException("no domain");
        }
        return whole.with(List.copyOf(later.values()));
    }

    private DomainRecord with(List<Process> newProcesses) {
        return new DomainRecord(
                bootId, configuration, state, taps, cgroup, thawOnTraffic, newProcesses);
    }

    private static DomainRecord read(Fields from) throws JsonException {
        var processes = new ArrayList<Process>();
        for (Fields p : from.objects("processes")) {
            processes.add(Process.read(p));
        }
        Optional<Fields> configuration = from.object("configuration");
        if (configuration.isEmpty()) {
            throw new JsonException("no configuration");
        }
        return new DomainRecord(
                from.textOrEmpty("boot_id"),
                ConfigureReader.read(configuration.get()),
                DomainsResponse.state(from.textOrEmpty("state")),
                from.textMap("taps").orElse(Map.of()),
                from.textMap("cgroup").orElse(Map.of()),
                from.flag("thaw_on_traffic"),
                processes);
    }
}
