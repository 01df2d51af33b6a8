package vmm.client;

import tools.jackson.core.JsonGenerator;
import vmm.core.Name;
import vmm.core.Sample;

/** Samples for programs to read. */
final class Samples {
    private Samples() {}

    static String json(Name name, Sample sample) {
        return Json.object(
                json -> {
                    Json.name(json, name);
                    var use = sample.use();
                    seconds(json, "user_seconds", use.utime());
                    seconds(json, "system_seconds", use.stime());
                    json.writeNumberProperty("max_rss_kib", use.maxrss());
                    json.writeNumberProperty("minor_faults", use.minflt());
                    json.writeNumberProperty("major_faults", use.majflt());
                    json.writeNumberProperty("voluntary_switches", use.nvcsw());
                    json.writeNumberProperty("involuntary_switches", use.nivcsw());
                    json.writeNumberProperty("blocks_read", use.inblock());
                    json.writeNumberProperty("blocks_written", use.outblock());
                    sample.memory().ifPresent(memory -> memory(json, memory));
                    json.writeArrayPropertyStart("networks");
                    sample.interfaces().forEach(network -> network(json, network));
                    json.writeEndArray();
                    json.writeObjectPropertyStart("vmm");
                    sample.vmm()
                            .ifPresent(
                                    all ->
                                            all.forEach(
                                                    one ->
                                                            json.writeNumberProperty(
                                                                    one.key(), one.value())));
                    json.writeEndObject();
                });
    }

    private static void seconds(JsonGenerator json, String name, Sample.Time time) {
        json.writeNumberProperty(name, time.seconds() + (time.microseconds() / 1e6));
    }

    private static void memory(JsonGenerator json, Sample.Memory memory) {
        json.writeNumberProperty("virtual_bytes", memory.vsize());
        json.writeNumberProperty("rss_bytes", memory.rss() * Statistics.PAGE_BYTES);
        json.writeNumberProperty("runtime_microseconds", memory.runtime());
    }

    private static void network(JsonGenerator json, Sample.Interface network) {
        json.writeStartObject();
        json.writeStringProperty("bridge", network.bridge());
        json.writeNumberProperty("in_bytes", network.inputBytes());
        json.writeNumberProperty("in_packets", network.inputPackets());
        json.writeNumberProperty("in_errors", network.inputErrors());
        json.writeNumberProperty("in_dropped", network.inputDropped());
        json.writeNumberProperty("out_bytes", network.outputBytes());
        json.writeNumberProperty("out_packets", network.outputPackets());
        json.writeNumberProperty("out_errors", network.outputErrors());
        json.writeNumberProperty("out_dropped", network.outputDropped());
        json.writeEndObject();
    }
}
