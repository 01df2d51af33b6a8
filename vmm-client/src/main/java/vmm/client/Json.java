package vmm.client;

import java.io.StringWriter;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.UnikernelInfo;
import vmm.wire.Success;

/**
 * Results for programs to read: lists are arrays, names are {@code name, path, label}, sizes carry
 * their unit in the member's name, "unlimited" is null. ASCII, so that no terminal obeys it.
 */
final class Json {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private Json() {}

    static String text(String text) {
        return written(
                json -> {
                    json.writeStartObject();
                    json.writeStringProperty("message", text);
                    json.writeEndObject();
                });
    }

    static String policies(Success.Policies list) {
        return array(
                json -> {
                    for (var entry : list.policies()) {
                        json.writeStartObject();
                        name(json, entry.name());
                        policy(json, entry.value());
                        json.writeEndObject();
                    }
                });
    }

    static String infos(Success.Info list) {
        return array(
                json -> {
                    for (var entry : list.infos()) {
                        json.writeStartObject();
                        name(json, entry.name());
                        info(json, entry.value());
                        json.writeEndObject();
                    }
                });
    }

    static String blocks(Success.BlockDevices list) {
        return array(
                json -> {
                    for (var device : list.devices()) {
                        json.writeStartObject();
                        name(json, device.name());
                        json.writeNumberProperty("size_mib", device.sizeMiB());
                        json.writeBooleanProperty("active", device.active());
                        json.writeEndObject();
                    }
                });
    }

    static String consoles(Success.Consoles list) {
        return array(
                json -> {
                    for (Name name : list.names()) {
                        json.writeStartObject();
                        name(json, name);
                        json.writeEndObject();
                    }
                });
    }

    static String line(Name name, String time, String line) {
        return written(
                json -> {
                    json.writeStartObject();
                    name(json, name);
                    json.writeStringProperty("time", time);
                    json.writeStringProperty("line", line);
                    json.writeEndObject();
                });
    }

    static void name(JsonGenerator json, Name name) {
        json.writeStringProperty("name", name.toString());
        json.writeArrayPropertyStart("path");
        name.path().labels().forEach(label -> json.writeString(label.text()));
        json.writeEndArray();
        Optional<String> label = name.label().map(Object::toString);
        json.writeName("label");
        optional(json, label);
    }

    static void policy(JsonGenerator json, Policy policy) {
        numbers(json, "cpuids", policy.cpuids());
        limit(json, "unikernels", policy.unikernels());
        limit(json, "memory_mib", policy.memoryMiB());
        limit(json, "block_mib", policy.blockMiB().orElse(0));
        strings(json, "bridges", policy.bridges());
    }

    private static void info(JsonGenerator json, UnikernelInfo info) {
        json.writeStringProperty("type", info.typ().name().toLowerCase(java.util.Locale.ROOT));
        json.writeStringProperty("on_exit", Units.fail(info.fail()));
        json.writeNumberProperty("startup", info.startup().orElse(50));
        numbers(json, "cpuids", info.cpuids());
        json.writeNumberProperty("memory_mib", info.memoryMiB());
        json.writeStringProperty("sha256", info.digest().hex());
        json.writeArrayPropertyStart("blocks");
        for (var block : info.blocks()) {
            json.writeStartObject();
            json.writeStringProperty("name", block.name());
            json.writeStringProperty("device", block.hostDevice());
            json.writeNumberProperty("sector_size", block.sectorSize());
            json.writeNumberProperty("size_mib", block.sizeMiB());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("networks");
        for (var net : info.networks()) {
            json.writeStartObject();
            json.writeStringProperty("name", net.name());
            json.writeStringProperty("bridge", net.hostDevice());
            json.writeStringProperty("mac", net.mac().toString());
            json.writeEndObject();
        }
        json.writeEndArray();
        strings(json, "arguments", info.argv().orElse(java.util.List.of()));
        json.writeName("started");
        optional(json, info.started().map(Object::toString));
        json.writeNumberProperty("cpus", info.cpus());
    }

    private static void limit(JsonGenerator json, String name, long value) {
        json.writeName(name);
        if (value >= Policy.UNLIMITED) {
            json.writeNull();
        } else {
            json.writeNumber(value);
        }
    }

    private static void optional(JsonGenerator json, Optional<String> value) {
        if (value.isPresent()) {
            json.writeString(value.get());
        } else {
            json.writeNull();
        }
    }

    static void numbers(JsonGenerator json, String name, Iterable<Long> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(value -> json.writeNumber(value.longValue()));
        json.writeEndArray();
    }

    static void strings(JsonGenerator json, String name, Iterable<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }

    static String object(Consumer<JsonGenerator> content) {
        return written(
                json -> {
                    json.writeStartObject();
                    content.accept(json);
                    json.writeEndObject();
                });
    }

    private static String array(Consumer<JsonGenerator> content) {
        return written(
                json -> {
                    json.writeStartArray();
                    content.accept(json);
                    json.writeEndArray();
                });
    }

    private static String written(Consumer<JsonGenerator> content) {
        var text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            content.accept(json);
        }
        return text + "\n";
    }
}
