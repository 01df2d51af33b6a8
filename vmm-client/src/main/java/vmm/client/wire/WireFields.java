package vmm.client.wire;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Form;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Prefix;
import vmm.wire.StateFile;
import vmm.wire.Success;

/** What was said on the wire as JSON objects, by the names of one release. One message. */
final class WireFields {
    private final Dialect dialect;
    private final Optional<Spelling> spelling;

    /**
     * @param spelling of the names, if they are to be shown as they stand in the message
     */
    WireFields(Dialect dialect, Optional<Spelling> spelling) {
        this.dialect = dialect;
        this.spelling = spelling;
    }

    private String spelled(Name name) {
        return spelling.map(s -> s.of(name)).orElseGet(name::toString);
    }

    Fields message(Message message) {
        var header = message.header();
        return new Fields()
                .put(
                        "header",
                        new Fields()
                                .put("version", header.version().number())
                                .put("sequence", Long.toString(header.sequence()))
                                .name("name", spelled(header.name())))
                .put("payload", payload(message.payload()));
    }

    Fields extension(CertExtension extension) {
        return new Fields()
                .put("version", extension.version().number())
                .put("command", command(extension.command()));
    }

    Fields state(StateFile state, Bytes der) {
        Dialect shape = shapeOfState(der);
        return new Fields()
                .put(
                        "unikernels",
                        sorted(state.unikernels(), config -> Fields.config(config, shape)))
                .put("policies", sorted(state.policies(), Fields::policy));
    }

    /** Entries in the order in which albatross keeps them, whatever order they had. */
    private <T> List<?> sorted(List<Success.Named<T>> entries, Function<T, Fields> shape) {
        return entries.stream()
                .map(entry -> named(entry, shape).map())
                .sorted(Comparator.comparing(entry -> order(String.valueOf(entry.get("name")))))
                .toList();
    }

    /** The labels, so joined that a name comes before what is longer, and then in byte order. */
    private static String order(String name) {
        return (name.startsWith(":") ? name.substring(1) : name).replace(':', '\0');
    }

    private <T> Fields named(Success.Named<T> entry, Function<T, Fields> shape) {
        return new Fields()
                .put("name", spelled(entry.name()))
                .put("value", shape.apply(entry.value()));
    }

    private Fields payload(Payload payload) {
        return switch (payload) {
            case Payload.Asked(var command) ->
                    Fields.of("command").put("command", command(command));
            case Payload.Done(var success) -> Fields.of("success").put("success", success(success));
            case Payload.Failed(var why) -> Fields.of("failure").text("message", why);
            case Payload.Told(var data) -> Fields.of("data").put("data", data(data));
        };
    }

    private Fields command(Command command) {
        return switch (command) {
            case Command.ConsoleAdd(var rings) when rings.isEmpty() -> Fields.of("console_add");
            case Command.ConsoleAdd(var rings) ->
                    Fields.of("console_add").number("ring_buffers", rings);
            case Command.ConsoleSubscribe(var utc, var history) ->
                    Fields.of(
                                    utc && !dialect.utcConsole()
                                            ? "old_console_subscribe"
                                            : "console_subscribe")
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
            case Command.UnikernelInfo(var form) -> Fields.of(dialect.infoCommand(form));
            case Command.Create(var force, var form, var config) ->
                    Fields.of(force ? "unikernel_force_create" : "unikernel_create")
                            .put("config", Fields.config(config, shapeOf(form)));
            case Command.Destroy() -> Fields.of("unikernel_destroy");
            case Command.GetImage(var form, var level) -> get(form, level);
            case Command.GetImageFrom(var level, var from) ->
                    prefix("unikernel_get_from", from).put("compression_level", level);
            case Command.Restart(var form, var arguments) -> restart(form, arguments);
            case Command.PolicyInfo() -> Fields.of("policy_info");
            case Command.PolicyAdd(var policy) ->
                    Fields.of("policy_add").put("policy", Fields.policy(policy));
            case Command.PolicyRemove() -> Fields.of("policy_remove");
            case Command.Block block -> block(block);
        };
    }

    /** The dialect's shape of a config, or a newer one that shows all that the form has. */
    private Dialect shapeOf(Form.Config form) {
        return dialect.shows(form) ? dialect : Dialect.showing(form);
    }

    private Dialect shapeOf(Form.Info form) {
        return shapeOf(
                switch (form) {
                    case V6 -> Form.Config.V5;
                    case V5 -> Form.Config.V4;
                    case V1, V2, V3, V4 -> Form.Config.V3;
                });
    }

    private Dialect shapeOfState(Bytes der) {
        for (Form.State form : Form.State.values()) {
            if (!der.isEmpty() && (der.at(0) & 0x1f) == form.tag()) {
                return shapeOf(form.config());
            }
        }
        return dialect;
    }

    private Fields get(Form.Get form, long level) {
        return switch (form) {
            case V1 ->
                    Fields.of(
                            dialect.plainGet() == Form.Get.V1
                                    ? "unikernel_get"
                                    : "old_unikernel_get");
            case V2, V3 ->
                    form == Form.Get.V3 || dialect.hasGetLevel()
                            ? Fields.of("unikernel_get").put("compression_level", level)
                            : Fields.of("unikernel_get");
        };
    }

    private Fields restart(Form.Restart form, Optional<Arguments> arguments) {
        var fields = Fields.of("unikernel_restart");
        if (arguments.isEmpty()) {
            return dialect.showsRestartArguments()
                    ? fields.put("arguments", (Object) null)
                    : fields;
        }
        Form.Config like =
                switch (form) {
                    case V1, V2_ARGUMENTS_V0 -> Form.Config.V3;
                    case V2_ARGUMENTS_V1 -> Form.Config.V4;
                    case V2_ARGUMENTS_V2 -> Form.Config.V5;
                };
        return fields.put("arguments", Fields.arguments(arguments.get(), shapeOf(like)));
    }

    private Fields block(Command.Block block) {
        return switch (block) {
            case Command.BlockInfo() -> Fields.of("block_info");
            case Command.BlockAdd(var size) -> Fields.of("block_add").put("size", size);
            case Command.BlockRemove() -> Fields.of("block_remove");
            case Command.BlockAddOld(var size, var compressed, var data) -> {
                var fields =
                        Fields.of(dialect.oldBlock("block_add"))
                                .put("size", size)
                                .put("compressed", compressed);
                yield data.isPresent()
                        ? fields.bytes("data", data.get())
                        : fields.put("data", (Object) null);
            }
            case Command.BlockSetOld(var compressed, var data) ->
                    Fields.of(dialect.oldBlock("block_set"))
                            .put("compressed", compressed)
                            .bytes("data", data);
            case Command.BlockDumpOld(var level) ->
                    Fields.of(dialect.oldBlock("block_dump")).put("compression_level", level);
            case Command.BlockDump(var level) ->
                    Fields.of("block_dump").put("compression_level", level);
            case Command.BlockSet(var compressed) ->
                    Fields.of("block_set").put("compressed", compressed);
            case Command.BlockDumpFrom(var level, var from) ->
                    prefix("block_dump_from", from).put("compression_level", level);
            case Command.BlockSetFrom(var compressed, var from) ->
                    prefix("block_set_from", from).put("compressed", compressed);
            case Command.BlockHeld() -> Fields.of("block_held");
        };
    }

    private static Fields prefix(String type, Prefix prefix) {
        return Fields.of(type).put("bytes", prefix.bytes()).bytes("sha256", prefix.sha256());
    }

    private static Fields history(Command.History history) {
        return switch (history) {
            case Command.History.Since(var time) -> Fields.of("since").time("time", time);
            case Command.History.Count(var lines) -> Fields.of("count").put("count", lines);
        };
    }

    private Fields success(Success success) {
        return switch (success) {
            case Success.Empty() -> Fields.of("empty");
            case Success.Text(var text) -> Fields.of("string").text("string", text);
            case Success.Policies(var list) ->
                    Fields.of("policies").list("policies", list, e -> named(e, Fields::policy));
            case Success.Unikernels(var list) ->
                    Fields.of(dialect.unikernels())
                            .list(
                                    "unikernels",
                                    list,
                                    e -> named(e, c -> Fields.config(c, dialect)));
            case Success.BlockDevices(var list) ->
                    Fields.of("block_devices")
                            .list(
                                    "devices",
                                    list,
                                    d ->
                                            new Fields()
                                                    .put("name", spelled(d.name()))
                                                    .put("size", d.sizeMiB())
                                                    .put("active", d.active()));
            case Success.Info(var form, var list) ->
                    Fields.of(dialect.infoReply(form))
                            .list("infos", list, e -> named(e, i -> Fields.info(i, shapeOf(form))));
            case Success.Image(var compressed, var image) ->
                    Fields.of("unikernel_image")
                            .put("compressed", compressed)
                            .bytes("image", image);
            case Success.BlockImageOld(var compressed, var image) ->
                    Fields.of(dialect.oldBlock("block_device_image"))
                            .put("compressed", compressed)
                            .bytes("image", image);
            case Success.BlockImage(var compressed) ->
                    Fields.of("block_device_image").put("compressed", compressed);
            case Success.Held(var prefix) -> prefix("block_held", prefix);
            case Success.Consoles(var names) ->
                    Fields.of("consoles").list("names", names, this::spelled);
        };
    }

    private Fields data(Data data) {
        return switch (data) {
            case Data.ConsoleLine(var utc, var time, var line) ->
                    Fields.of(utc && !dialect.utcConsole() ? "utc_console_data" : "console_data")
                            .time("timestamp", time)
                            .text("line", line);
            case Data.Statistics(var sample) -> Fields.sample(sample);
            case Data.Chunk(var bytes) ->
                    Fields.of("block_data").put("eof", false).bytes("data", bytes);
            case Data.End() -> Fields.of("block_data").put("eof", true);
        };
    }
}
