package vmm.client;

import java.util.List;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.FailBehaviour;
import vmm.core.NetDevice;
import vmm.core.UnikernelConfig;
import vmm.wire.StateFile;

/** What unikernels are started with, as a state file holds it, for people and programs. */
final class Configs {
    private Configs() {}

    static Table table(StateFile state) {
        var table = new Table("NAME", ">MEMORY", "CPUS", "NETWORK", "BLOCK", "ON EXIT", ">IMAGE");
        for (var entry : state.unikernels()) {
            UnikernelConfig config = entry.value();
            Arguments with = config.arguments();
            table.row(
                    entry.name().toString(),
                    Units.memory(with.memoryMiB()),
                    Units.cpus(with.cpuids()),
                    Units.list(with.networks().stream().map(Configs::net).toList()),
                    Units.list(with.blocks().stream().map(Configs::block).toList()),
                    Units.fail(with.fail()),
                    Units.bytes(config.image().length()) + (config.compressed() ? " zlib" : ""));
        }
        return table;
    }

    static String json(StateFile state) {
        return Json.object(
                json -> {
                    json.writeArrayPropertyStart("unikernels");
                    for (var entry : state.unikernels()) {
                        UnikernelConfig config = entry.value();
                        Arguments with = config.arguments();
                        json.writeStartObject();
                        Json.name(json, entry.name());
                        json.writeBooleanProperty("compressed", config.compressed());
                        json.writeNumberProperty("image_bytes", config.image().length());
                        json.writeStringProperty("on_exit", Units.fail(with.fail()));
                        json.writeNumberProperty("startup", with.startupOrDefault());
                        Json.numbers(json, "cpuids", with.cpuids());
                        json.writeNumberProperty("memory_mib", with.memoryMiB());
                        Json.strings(
                                json,
                                "networks",
                                with.networks().stream().map(Configs::net).toList());
                        Json.strings(
                                json,
                                "blocks",
                                with.blocks().stream().map(Configs::block).toList());
                        Json.strings(json, "arguments", with.argvOrEmpty());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                    json.writeArrayPropertyStart("policies");
                    for (var entry : state.policies()) {
                        json.writeStartObject();
                        Json.name(json, entry.name());
                        Json.policy(json, entry.value());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                });
    }

    /** The options of {@code vmm create} that say the same. */
    static String options(Arguments with) {
        var text = new StringBuilder(" --mem " + with.memoryMiB());
        with.cpuids().forEach(id -> text.append(" --cpu ").append(id));
        with.networks().forEach(net -> text.append(" --net ").append(word(net(net))));
        with.blocks().forEach(block -> text.append(" --block ").append(word(block(block))));
        with.argvOrEmpty().forEach(arg -> text.append(" --arg ").append(word(arg)));
        if (with.fail() instanceof FailBehaviour.Restart(var codes)) {
            text.append(" --restart-on-fail");
            codes.forEach(code -> text.append(" --exit-code ").append(code));
        }
        with.startup().ifPresent(place -> text.append(" --startup ").append(place));
        return text.append(with.addName() ? "" : " --no-add-name").toString();
    }

    static String net(NetDevice net) {
        String bridge = net.bridge().map(b -> ":" + b).orElse("");
        return net.name() + bridge + net.mac().map(mac -> "@" + mac).orElse("");
    }

    static String block(BlockDevice block) {
        String device = block.device().map(d -> ":" + d).orElse("");
        return block.name()
                + device
                + (block.sectorSize().isPresent() ? "@" + block.sectorSize().getAsLong() : "");
    }

    /** A word as a shell takes it. */
    static String word(String text) {
        String seen = Visible.text(text);
        boolean plain = seen.matches("[A-Za-z0-9_@%+=:,./-]+");
        return plain ? seen : "'" + String.join("'\\''", List.of(seen.split("'", -1))) + "'";
    }
}
