package vmm.wire.supervisor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a supervisor writes down of a domain, for its successor in the same boot.
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
            boolean told) {}

    public byte[] json() {
        var to = new JsonWriter().object().name("boot_id").text(bootId);
        configuration.write(to.name("configuration"));
        to.name("state").text(state.name()).name("taps").texts(taps);
        to.name("cgroup").texts(cgroup).name("thaw_on_traffic").flag(thawOnTraffic);
        to.name("processes").array();
        for (Process p : processes) {
            to.object().name("name").text(p.name()).name("pid").number(p.pid());
            to.name("start_ticks").number(p.startTicks());
            to.name("start_millis").number(p.startMillis());
            to.name("output").text(p.output().orElse(null)).name("ended");
            if (p.ended().isPresent()) {
                p.ended().get().write(to);
            } else {
                to.text(null);
            }
            to.name("told").flag(p.told()).endObject();
        }
        return to.endArray().endObject().bytes();
    }

    public static DomainRecord parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        var processes = new ArrayList<Process>();
        for (Fields p : from.objects("processes")) {
            Optional<Fields> ended = p.object("ended");
            processes.add(
                    new Process(
                            p.textOrEmpty("name"),
                            (int) p.count("pid").orElse(0),
                            p.count("start_ticks").orElse(0),
                            p.count("start_millis").orElse(0),
                            p.text("output"),
                            ended.isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(EventData.read(ended.get())),
                            p.flag("told")));
        }
        Optional<Fields> configuration = from.object("configuration");
        if (configuration.isEmpty()) {
            throw new JsonException("no configuration");
        }
        return new DomainRecord(
                from.textOrEmpty("boot_id"),
                ConfigureRequest.read(configuration.get()),
                DomainsResponse.state(from.textOrEmpty("state")),
                from.textMap("taps").orElse(Map.of()),
                from.textMap("cgroup").orElse(Map.of()),
                from.flag("thaw_on_traffic"),
                processes);
    }
}
