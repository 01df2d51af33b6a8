package vmm.wire.supervisor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The answer to domains: everything the supervisor holds (our extension). */
public record DomainsResponse(String bootId, List<Domain> domains) {
    public DomainsResponse {
        domains = List.copyOf(domains);
    }

    public enum State {
        CONFIGURED,
        STARTED,
        FROZEN,
        STOPPED
    }

    public record Domain(
            String domain, State state, Map<String, String> taps, List<Process> processes) {
        public Domain {
            taps = Map.copyOf(taps);
            processes = List.copyOf(processes);
        }
    }

    /**
     * @param startMillis when it was started, Unix time
     * @param ended how it ended, or empty while it lives
     */
    public record Process(String name, long pid, long startMillis, Optional<EventData> ended) {}

    public byte[] json() {
        var to = new JsonWriter().object().name("boot_id").text(bootId).name("domains").array();
        for (Domain d : domains) {
            to.object().name("domain").text(d.domain()).name("state").text(d.state().name());
            to.name("taps").texts(d.taps()).name("processes").array();
            for (Process p : d.processes()) {
                to.object().name("name").text(p.name()).name("pid").number(p.pid());
                to.name("start_millis").number(p.startMillis()).name("ended");
                if (p.ended().isPresent()) {
                    p.ended().get().write(to);
                } else {
                    to.text(null);
                }
                to.endObject();
            }
            to.endArray().endObject();
        }
        return to.endArray().endObject().bytes();
    }

    public static DomainsResponse parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        var domains = new ArrayList<Domain>();
        for (Fields d : from.objects("domains")) {
            var processes = new ArrayList<Process>();
            for (Fields p : d.objects("processes")) {
                Optional<Fields> ended = p.object("ended");
                processes.add(
                        new Process(
                                p.textOrEmpty("name"),
                                p.count("pid").orElse(0),
                                p.count("start_millis").orElse(0),
                                ended.isEmpty()
                                        ? Optional.empty()
                                        : Optional.of(EventData.read(ended.get()))));
            }
            domains.add(
                    new Domain(
                            d.textOrEmpty("domain"),
                            state(d.textOrEmpty("state")),
                            d.textMap("taps").orElse(Map.of()),
                            processes));
        }
        return new DomainsResponse(from.textOrEmpty("boot_id"), domains);
    }

    static State state(String text) throws JsonException {
        for (State state : State.values()) {
            if (state.name().equals(text)) {
                return state;
            }
        }
        throw new JsonException("unknown state of a domain: " + text);
    }
}
