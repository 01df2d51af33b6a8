package vmm.client.wire;

import java.util.HexFormat;
import tools.jackson.databind.json.JsonMapper;
import vmm.core.Bytes;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.StateFile;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

/** Lines of hexadecimal DER as JSON objects, for who debugs the wire. */
public final class WireLines {
    private static final JsonMapper JSON = new JsonMapper();

    private WireLines() {}

    /** Decodes {@code [wire|state|cert] HEX}; what is wrong with it is told in the object. */
    public static String decode(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String type = words.length == 2 ? words[0] : "wire";
        try {
            Bytes bytes = Bytes.of(HexFormat.of().parseHex(words[words.length - 1]));
            Decoded<Fields> decoded =
                    switch (type) {
                        case "wire" -> shaped(WireCodec.decode(bytes), WireLines::message);
                        case "cert" ->
                                shaped(WireCodec.decodeCertExtension(bytes), WireLines::extension);
                        case "state" -> shaped(WireCodec.decodeState(bytes), WireLines::state);
                        default ->
                                throw new IllegalArgumentException(
                                        "'" + type + "' is neither wire, state nor cert");
                    };
            return JSON.writeValueAsString(result(type, decoded).map());
        } catch (IllegalArgumentException e) {
            return JSON.writeValueAsString(
                    new Fields()
                            .put("error", String.valueOf(e.getMessage()))
                            .put("offset", 0)
                            .map());
        }
    }

    private static <T> Decoded<Fields> shaped(
            Decoded<T> decoded, java.util.function.Function<T, Fields> shape) {
        return switch (decoded) {
            case Decoded.Of<T>(var value) -> new Decoded.Of<>(shape.apply(value));
            case Decoded.Malformed<T>(var offset, var why, var header) ->
                    new Decoded.Malformed<>(offset, why, header);
        };
    }

    private static Fields result(String type, Decoded<Fields> decoded) {
        return switch (decoded) {
            case Decoded.Of<Fields>(var fields) -> Fields.of(type).put("fields", fields);
            case Decoded.Malformed<Fields>(var offset, var why, _) ->
                    new Fields().put("error", why).put("offset", offset);
        };
    }

    private static Fields message(Message message) {
        var header = message.header();
        return new Fields()
                .put(
                        "header",
                        new Fields()
                                .put("version", header.version().number())
                                .put("sequence", Long.toString(header.sequence()))
                                .name("name", header.name()))
                .put("payload", payload(message.payload()));
    }

    private static Fields extension(CertExtension extension) {
        return new Fields()
                .put("version", extension.version().number())
                .put("command", command(extension.command()));
    }

    private static Fields state(StateFile state) {
        return new Fields()
                .list("unikernels", state.unikernels(), e -> named(e, Fields::config))
                .list("policies", state.policies(), e -> named(e, Fields::policy));
    }

    private static <T> Fields named(
            Success.Named<T> entry, java.util.function.Function<T, Fields> shape) {
        return new Fields()
                .put("name", entry.name().toString())
                .put("value", shape.apply(entry.value()));
    }

    private static Fields payload(Payload payload) {
        return switch (payload) {
            case Payload.Asked(var command) ->
                    Fields.of("command").put("command", command(command));
            case Payload.Done(var success) -> Fields.of("success").put("success", success(success));
            case Payload.Failed(var why) -> Fields.of("failure").text("message", why);
            case Payload.Told(var data) -> Fields.of("data").put("data", data(data));
        };
    }

    private static Fields command(Command command) {
        return switch (command) {
            case Command.ConsoleAdd(var rings) when rings.isEmpty() -> Fields.of("console_add");
            case Command.ConsoleAdd(var rings) ->
                    Fields.of("console_add").number("ring_buffers", rings);
            case Command.ConsoleSubscribe(var utc, var history) ->
                    Fields.of(utc ? "old_console_subscribe" : "console_subscribe")
                            .put("since_count", history(history));
            case Command.ConsoleListInactive() -> Fields.of("console_list_inactive");
            case Command.StatsAdd(var vmmdev, var pid, var taps) ->
                    Fields.of("stats_add")
                            .text("vmmdev", vmmdev)
                            .put("pid", pid)
                            .list(
                                    "taps",
                                    taps,
                                    t ->
                                            new Fields()
                                                    .text("bridge", t.bridge())
                                                    .text("tap", t.tap()));
            case Command.StatsRemove() -> Fields.of("stats_remove");
            case Command.StatsSubscribe() -> Fields.of("stats_subscribe");
            case Command.StatsInitial() -> Fields.of("stats_initial");
            case Command.UnikernelInfo(var form) -> Fields.of(info(form));
            case Command.Create(var force, _, var config) ->
                    Fields.of(force ? "unikernel_force_create" : "unikernel_create")
                            .put("config", Fields.config(config));
            case Command.Destroy() -> Fields.of("unikernel_destroy");
            case Command.GetImage(var form, var level) ->
                    form == vmm.wire.Form.Get.V3
                            ? Fields.of("unikernel_get").put("compression_level", level)
                            : Fields.of("old_unikernel_get");
            case Command.Restart(_, var arguments) ->
                    Fields.of("unikernel_restart")
                            .put(
                                    "arguments",
                                    arguments
                                            .map(a -> (Object) Fields.arguments(a).map())
                                            .orElse(null));
            case Command.PolicyInfo() -> Fields.of("policy_info");
            case Command.PolicyAdd(var policy) ->
                    Fields.of("policy_add").put("policy", Fields.policy(policy));
            case Command.PolicyRemove() -> Fields.of("policy_remove");
            case Command.Block block -> block(block);
        };
    }

    private static Fields block(Command.Block block) {
        return switch (block) {
            case Command.BlockInfo() -> Fields.of("block_info");
            case Command.BlockAdd(var size) -> Fields.of("block_add").put("size", size);
            case Command.BlockRemove() -> Fields.of("block_remove");
            case Command.BlockAddOld(var size, var compressed, var data) -> {
                var fields =
                        Fields.of("old_block_add").put("size", size).put("compressed", compressed);
                yield data.isPresent()
                        ? fields.bytes("data", data.get())
                        : fields.put("data", (Object) null);
            }
            case Command.BlockSetOld(var compressed, var data) ->
                    Fields.of("old_block_set").put("compressed", compressed).bytes("data", data);
            case Command.BlockDumpOld(var level) ->
                    Fields.of("old_block_dump").put("compression_level", level);
            case Command.BlockDump(var level) ->
                    Fields.of("block_dump").put("compression_level", level);
            case Command.BlockSet(var compressed) ->
                    Fields.of("block_set").put("compressed", compressed);
        };
    }

    private static Fields history(Command.History history) {
        return switch (history) {
            case Command.History.Since(var time) -> Fields.of("since").time("time", time);
            case Command.History.Count(var lines) -> Fields.of("count").put("count", lines);
        };
    }

    private static String info(vmm.wire.Form.Info form) {
        return form == vmm.wire.Form.Info.V6
                ? "unikernel_info"
                : "old_unikernel_info" + form.name().substring(1);
    }

    private static Fields success(Success success) {
        return switch (success) {
            case Success.Empty() -> Fields.of("empty");
            case Success.Text(var text) -> Fields.of("string").text("string", text);
            case Success.Policies(var list) ->
                    Fields.of("policies").list("policies", list, e -> named(e, Fields::policy));
            case Success.Unikernels(var list) ->
                    Fields.of("old_unikernels")
                            .list("unikernels", list, e -> named(e, Fields::config));
            case Success.BlockDevices(var list) ->
                    Fields.of("block_devices")
                            .list(
                                    "devices",
                                    list,
                                    d ->
                                            new Fields()
                                                    .put("name", d.name().toString())
                                                    .put("size", d.sizeMiB())
                                                    .put("active", d.active()));
            case Success.Info(var form, var list) ->
                    Fields.of(info(form)).list("infos", list, e -> named(e, Fields::info));
            case Success.Image(var compressed, var image) ->
                    Fields.of("unikernel_image")
                            .put("compressed", compressed)
                            .bytes("image", image);
            case Success.BlockImageOld(var compressed, var image) ->
                    Fields.of("old_block_device_image")
                            .put("compressed", compressed)
                            .bytes("image", image);
            case Success.BlockImage(var compressed) ->
                    Fields.of("block_device_image").put("compressed", compressed);
            case Success.Consoles(var names) ->
                    Fields.of("consoles").list("names", names, Object::toString);
        };
    }

    private static Fields data(Data data) {
        return switch (data) {
            case Data.ConsoleLine(var utc, var time, var line) ->
                    Fields.of(utc ? "utc_console_data" : "console_data")
                            .time("timestamp", time)
                            .text("line", line);
            case Data.Statistics(var sample) -> Fields.sample(sample);
            case Data.Chunk(var bytes) ->
                    Fields.of("block_data").put("eof", false).bytes("data", bytes);
            case Data.End() -> Fields.of("block_data").put("eof", true);
        };
    }
}
