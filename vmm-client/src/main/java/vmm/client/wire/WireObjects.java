package vmm.client.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import vmm.core.Name;
import vmm.core.UnikernelConfig;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Prefix;
import vmm.wire.StateFile;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

/**
 * JSON objects of what was said on the wire, encoded again: the reverse of {@link WireFields}. One
 * message.
 */
final class WireObjects {
    private final Dialect dialect;
    private Header.Version names = Header.Version.AV5;
    private final List<String> spelled = new ArrayList<>();

    WireObjects(Dialect dialect) {
        this.dialect = dialect;
    }

    /** The DER of {@code {"type": wire|cert|state, "fields": …}}. */
    byte[] encode(Given object) {
        byte[] der = lowered(object);
        var spelling = new Spelling(der);
        spelled.forEach(spelling::restore);
        return der;
    }

    /** Reads a name, and remembers its spelling in the canonical form. */
    private Name name(Given given, Header.Version version) {
        Name name = given.name("name");
        String spelling = given.nameText("name");
        int longer = spelling.length() - name.toString().length();
        String canonical = longer >= 0 ? spelling.substring(longer) : ":" + spelling;
        spelled.addAll(
                version == Header.Version.AV5
                        ? List.of(canonical)
                        : List.of(canonical.split(":", -1)));
        return name;
    }

    private byte[] lowered(Given object) {
        Given fields = object.object("fields");
        return switch (object.type()) {
            case "wire" -> WireCodec.encode(message(fields));
            case "cert" ->
                    WireCodec.encodeCertExtension(
                            new CertExtension(version(fields), command(fields.object("command"))));
            case "state" -> state(fields);
            default -> throw unknown("type", object.type());
        };
    }

    private static IllegalArgumentException unknown(String what, String type) {
        return new IllegalArgumentException("unknown " + what + " '" + type + "'");
    }

    private static Header.Version version(Given given) {
        long number = given.number("version");
        for (Header.Version version : Header.Version.values()) {
            if (version.number() == number) {
                return version;
            }
        }
        throw new IllegalArgumentException("'version' is 3, 4 or 5");
    }

    private Message message(Given fields) {
        Given given = fields.object("header");
        Header.Version version = version(given);
        var header = new Header(version, given.number("sequence"), name(given, version));
        names = version;
        Given payload = fields.object("payload");
        return switch (payload.type()) {
            case "command" -> Message.asking(header, command(payload.object("command")));
            case "success" -> Message.done(header, success(payload.object("success")));
            case "failure" -> Message.failed(header, payload.text("message"));
            case "data" -> Message.telling(header, data(payload.object("data")));
            default -> throw unknown("payload", payload.type());
        };
    }

    private byte[] state(Given fields) {
        List<Success.Named<UnikernelConfig>> unikernels =
                named(fields, "unikernels", Reading::config);
        Form.State form = dialect.state();
        if (!unikernels.isEmpty()) {
            Given first = fields.objects("unikernels", one -> one.object("value")).getFirst();
            form =
                    switch (Reading.form(first, dialect)) {
                        case V5 -> Form.State.V6;
                        case V4 -> Form.State.V5;
                        case V3 -> fields.has("policies") ? Form.State.V4 : Form.State.V3;
                        case V1, V2 -> Form.State.V2;
                    };
        }
        return WireCodec.encodeState(
                new StateFile(
                        unikernels,
                        fields.has("policies")
                                ? named(fields, "policies", Reading::policy)
                                : List.of()),
                form);
    }

    private <T> List<Success.Named<T>> named(Given given, String key, Function<Given, T> shape) {
        return given.objects(
                key,
                one -> new Success.Named<>(name(one, names), shape.apply(one.object("value"))));
    }

    private Command command(Given given) {
        String type = given.type();
        Form.Info info = dialect.infoCommand(type);
        if (info != null) {
            return new Command.UnikernelInfo(info);
        }
        return switch (type) {
            case "console_add" -> new Command.ConsoleAdd(given.optionalNumber("ring_buffers"));
            case "console_subscribe" ->
                    new Command.ConsoleSubscribe(dialect.utcConsole(), history(given));
            case "old_console_subscribe" -> new Command.ConsoleSubscribe(true, history(given));
            case "console_list_inactive" -> new Command.ConsoleListInactive();
            case "stats_add" ->
                    new Command.StatsAdd(
                            given.text("vmmdev"),
                            given.number("pid"),
                            given.objects(
                                    "taps",
                                    tap -> new Command.Tap(tap.text("bridge"), tap.text("tap"))));
            case "stats_remove" -> new Command.StatsRemove();
            case "stats_subscribe" -> new Command.StatsSubscribe();
            case "stats_initial" -> new Command.StatsInitial();
            case "policy_info" -> new Command.PolicyInfo();
            case "policy_add" -> new Command.PolicyAdd(Reading.policy(given.object("policy")));
            case "policy_remove" -> new Command.PolicyRemove();
            default -> type.contains("block") ? block(given) : unikernel(given);
        };
    }

    private static Command.History history(Given given) {
        Given history = given.object("since_count");
        return switch (history.type()) {
            case "since" -> new Command.History.Since(history.time("time"));
            case "count" -> new Command.History.Count(history.number("count"));
            default -> throw unknown("since_count", history.type());
        };
    }

    private Command unikernel(Given given) {
        return switch (given.type()) {
            case "unikernel_create" -> create(false, given.object("config"));
            case "unikernel_force_create" -> create(true, given.object("config"));
            case "unikernel_destroy" -> new Command.Destroy();
            case "unikernel_get" ->
                    given.has("compression_level")
                            ? new Command.GetImage(Form.Get.V3, given.number("compression_level"))
                            : new Command.GetImage(dialect.plainGet(), 0);
            case "old_unikernel_get" -> new Command.GetImage(Form.Get.V1, 0);
            case "unikernel_get_from" ->
                    new Command.GetImageFrom(given.number("compression_level"), prefix(given));
            case "unikernel_restart" -> restart(given);
            default -> throw unknown("command", given.type());
        };
    }

    private Command create(boolean force, Given config) {
        return new Command.Create(force, Reading.form(config, dialect), Reading.config(config));
    }

    private static Command restart(Given given) {
        if (!given.has("arguments")) {
            return new Command.Restart(Form.Restart.V1, Optional.empty());
        }
        Optional<Given> arguments = given.optionalObject("arguments");
        return new Command.Restart(
                arguments.map(Reading::restartForm).orElse(Form.Restart.V2_ARGUMENTS_V2),
                arguments.map(Reading::arguments));
    }

    private Command block(Given given) {
        boolean old = !dialect.hasBlockStreams();
        return switch (given.type()) {
            case "block_info" -> new Command.BlockInfo();
            case "block_add" ->
                    given.has("compressed")
                            ? addOld(given)
                            : new Command.BlockAdd(given.number("size"));
            case "block_remove" -> new Command.BlockRemove();
            case "old_block_add" -> addOld(given);
            case "block_set" ->
                    old ? setOld(given) : new Command.BlockSet(given.flag("compressed"));
            case "old_block_set" -> setOld(given);
            case "block_dump" ->
                    old
                            ? new Command.BlockDumpOld(given.number("compression_level"))
                            : new Command.BlockDump(given.number("compression_level"));
            case "old_block_dump" -> new Command.BlockDumpOld(given.number("compression_level"));
            case "block_dump_from" ->
                    new Command.BlockDumpFrom(given.number("compression_level"), prefix(given));
            case "block_set_from" ->
                    new Command.BlockSetFrom(given.flag("compressed"), prefix(given));
            case "block_held" -> new Command.BlockHeld();
            default -> throw unknown("command", given.type());
        };
    }

    private static Prefix prefix(Given given) {
        return new Prefix(given.number("bytes"), given.bytes("sha256"));
    }

    private static Command addOld(Given given) {
        return new Command.BlockAddOld(
                given.number("size"), given.flag("compressed"), given.optionalBytes("data"));
    }

    private static Command setOld(Given given) {
        return new Command.BlockSetOld(given.flag("compressed"), given.bytes("data"));
    }

    private Success success(Given given) {
        String type = given.type();
        Form.Info info = dialect.infoReply(type);
        if (info != null && info != Form.Info.V1) {
            return new Success.Info(infoForm(info, given), named(given, "infos", Reading::info));
        }
        return switch (type) {
            case "empty" -> new Success.Empty();
            case "string" -> new Success.Text(given.text("string"));
            case "policies" -> new Success.Policies(named(given, "policies", Reading::policy));
            case "unikernels", "old_unikernels" ->
                    new Success.Unikernels(named(given, "unikernels", Reading::config));
            case "block_devices" ->
                    new Success.BlockDevices(given.objects("devices", this::device));
            case "unikernel_image" ->
                    new Success.Image(given.flag("compressed"), given.bytes("image"));
            case "old_block_device_image" -> oldImage(given);
            case "block_device_image" ->
                    dialect.hasBlockStreams()
                            ? new Success.BlockImage(given.flag("compressed"))
                            : oldImage(given);
            case "block_held" -> new Success.Held(prefix(given));
            case "consoles" ->
                    new Success.Consoles(given.list("names", n -> Name.parse(n.asString())));
            default -> throw unknown("success", type);
        };
    }

    /** The newest form, unless what is given shows that it is of a release before. */
    private static Form.Info infoForm(Form.Info form, Given given) {
        if (form != Form.Info.V6 || given.node().path("infos").isEmpty()) {
            return form;
        }
        Given first = given.objects("infos", one -> one.object("value")).getFirst();
        if (first.has("cpuids")) {
            return form;
        }
        return first.has("startup") ? Form.Info.V5 : Form.Info.V4;
    }

    private static Success oldImage(Given given) {
        return new Success.BlockImageOld(given.flag("compressed"), given.bytes("image"));
    }

    private Success.BlockDevice device(Given given) {
        return new Success.BlockDevice(
                name(given, names), given.number("size"), given.flag("active"));
    }

    private Data data(Given given) {
        return switch (given.type()) {
            case "console_data" ->
                    new Data.ConsoleLine(
                            dialect.utcConsole(), given.time("timestamp"), given.text("line"));
            case "utc_console_data" ->
                    new Data.ConsoleLine(true, given.time("timestamp"), given.text("line"));
            case "stats_data" -> new Data.Statistics(Reading.sample(given));
            case "block_data" ->
                    given.flag("eof") ? new Data.End() : new Data.Chunk(given.bytes("data"));
            default -> throw unknown("data", given.type());
        };
    }
}
