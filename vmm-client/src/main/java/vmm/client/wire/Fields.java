package vmm.client.wire;

import java.lang.reflect.RecordComponent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.NetDevice;
import vmm.core.Policy;
import vmm.core.Sample;
import vmm.core.Text;
import vmm.core.UnikernelConfig;
import vmm.core.UnikernelInfo;

/**
 * One JSON object in the making: members in order, with the shapes that debuggers of the wire use.
 */
final class Fields {
    static final int HEX_BYTES_MAX = 4096;
    private static final Set<String> NUMBERS =
            Set.of("flags", "send_length", "max_send_length", "send_drops", "mtu", "cow");

    private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

    static Fields of(String type) {
        return new Fields().put("type", type);
    }

    Map<String, @Nullable Object> map() {
        return members;
    }

    Fields put(String key, @Nullable Object value) {
        members.put(key, value);
        return this;
    }

    Fields put(String key, Fields value) {
        return put(key, value.members);
    }

    /** Text, or its bytes as {@code key_hex} where they are no UTF-8. */
    Fields text(String key, String text) {
        return Text.isUtf8(text)
                ? put(key, text)
                : put(key + "_hex", HexFormat.of().formatHex(Text.encode(text)));
    }

    Fields optionalText(String key, Optional<String> text) {
        return text.isPresent() ? text(key, text.get()) : put(key, (Object) null);
    }

    Fields number(String key, OptionalLong number) {
        return put(key, number.isPresent() ? (Object) number.getAsLong() : null);
    }

    Fields bytes(String key, Bytes bytes) {
        if (bytes.length() <= HEX_BYTES_MAX) {
            put(key + "_hex", bytes.hex());
        }
        put(key + "_len", bytes.length());
        return put(key + "_sha256", sha256(bytes));
    }

    private static String sha256(Bytes bytes) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.asBuffer());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every JDK has SHA-256", missing);
        }
    }

    <T> Fields list(String key, Iterable<T> items, Function<T, ?> shape) {
        var shaped = new ArrayList<Object>();
        for (T item : items) {
            Object value = shape.apply(item);
            shaped.add(value instanceof Fields fields ? fields.members : value);
        }
        return put(key, shaped);
    }

    /** A name by its canonical string, which is taken apart as well. */
    Fields name(String key, String name) {
        var labels = new ArrayList<>(List.of(name.split(":", -1)));
        String label = labels.removeLast();
        labels.removeIf(String::isEmpty);
        return put(
                key,
                new Fields()
                        .put("string", name)
                        .list("path", labels, text -> text)
                        .put("label", label.isEmpty() ? null : label));
    }

    Fields time(String key, Instant time) {
        long days = Math.floorDiv(time.getEpochSecond(), 86_400L);
        long seconds = Math.floorMod(time.getEpochSecond(), 86_400L);
        String second = Instant.ofEpochSecond(time.getEpochSecond()).toString().replace("Z", "");
        String picoseconds = String.format(Locale.ROOT, "%09d000", time.getNano());
        return put(
                key,
                new Fields()
                        .put("rfc3339", second + "." + picoseconds + "-00:00")
                        .put("days", days)
                        .put("ps", seconds == 0 ? zeros(picoseconds) : seconds + picoseconds));
    }

    private static String zeros(String digits) {
        return Long.toString(Long.parseLong(digits));
    }

    static Fields policy(Policy policy) {
        return new Fields()
                .list("cpuids", policy.cpuids(), id -> id)
                .put("unikernels", policy.unikernels())
                .put("memory", policy.memoryMiB())
                .number("block", policy.blockMiB())
                .list("bridges", policy.bridges(), Fields::element);
    }

    /** A string of a list, or {@code {"hex": …}} where it is no UTF-8. */
    private static Object element(String text) {
        return Text.isUtf8(text)
                ? text
                : new Fields().put("hex", HexFormat.of().formatHex(Text.encode(text)));
    }

    static Fields config(UnikernelConfig config, Dialect dialect) {
        var fields =
                new Fields()
                        .put("typ", lower(config.typ()))
                        .put("compressed", config.compressed())
                        .bytes("image", config.image());
        fields.members.putAll(arguments(config.arguments(), dialect).members);
        return fields;
    }

    static Fields arguments(Arguments arguments, Dialect dialect) {
        var fields = new Fields().put("fail_behaviour", fail(arguments.fail()));
        if (dialect.showsStartup()) {
            fields.number("startup", arguments.startup()).put("add_name", arguments.addName());
        }
        fields.cpuids(arguments.cpuids(), dialect)
                .put("memory", arguments.memoryMiB())
                .list("block_devices", arguments.blocks(), Fields::block)
                .list("bridges", arguments.networks(), Fields::net)
                .argv(arguments.argv());
        return fields.bhyve(arguments.cpus(), arguments.linuxBootPartition(), dialect);
    }

    /** The one that older releases know, or all. */
    private Fields cpuids(SortedSet<Long> ids, Dialect dialect) {
        return dialect.showsCpuids() || ids.size() != 1
                ? list("cpuids", ids, id -> id)
                : put("cpuid", ids.first());
    }

    private Fields bhyve(long cpus, Optional<String> boot, Dialect dialect) {
        return dialect.showsCpuids()
                ? put("numcpus", cpus).optionalText("linux_boot_partition", boot)
                : this;
    }

    private static Fields block(BlockDevice block) {
        return new Fields()
                .text("name", block.name())
                .optionalText("device", block.device())
                .number("sector_size", block.sectorSize());
    }

    private static Fields net(NetDevice net) {
        return new Fields()
                .text("netif", net.name())
                .optionalText("bridge", net.bridge())
                .put("mac", net.mac().map(Object::toString).orElse(null));
    }

    private Fields argv(Optional<List<String>> argv) {
        return argv.isPresent()
                ? list("argv", argv.get(), Fields::element)
                : put("argv", (Object) null);
    }

    static Fields info(UnikernelInfo info, Dialect dialect) {
        var fields =
                new Fields().put("typ", lower(info.typ())).put("fail_behaviour", fail(info.fail()));
        if (dialect.showsStartup()) {
            fields.number("startup", info.startup());
        }
        fields.cpuids(info.cpuids(), dialect)
                .bhyve(info.cpus(), info.linuxBootPartition(), dialect)
                .put("memory", info.memoryMiB());
        boolean host = dialect.showsHostDevices();
        fields.list("block_devices", info.blocks(), b -> host ? hostBlock(b) : askedBlock(b))
                .list("bridges", info.networks(), n -> host ? hostNet(n) : askedNet(n))
                .argv(info.argv())
                .put("digest_hex", info.digest().hex());
        if (!dialect.showsStarted()) {
            return fields;
        }
        return info.started().isPresent()
                ? fields.time("started", info.started().get())
                : fields.put("started", (Object) null);
    }

    private static Fields hostBlock(UnikernelInfo.Block block) {
        return new Fields()
                .text("unikernel_device", block.name())
                .text("host_device", block.hostDevice())
                .put("sector_size", block.sectorSize())
                .put("size", block.sizeMiB());
    }

    private static Fields askedBlock(UnikernelInfo.Block block) {
        return block(new BlockDevice(block.name(), block.device(), block.sector()));
    }

    private static Fields hostNet(UnikernelInfo.Net net) {
        return new Fields()
                .text("unikernel_device", net.name())
                .text("host_device", net.hostDevice())
                .put("mac", net.mac().toString());
    }

    private static Fields askedNet(UnikernelInfo.Net net) {
        return net(new NetDevice(net.name(), net.bridge(), net.given()));
    }

    private static Fields fail(FailBehaviour behaviour) {
        return switch (behaviour) {
            case FailBehaviour.Quit() -> of("quit");
            case FailBehaviour.Restart(var codes) when codes.isEmpty() ->
                    of("restart").put("exit_codes", (Object) null);
            case FailBehaviour.Restart(var codes) ->
                    of("restart").list("exit_codes", codes, code -> code);
        };
    }

    static Fields sample(Sample sample) {
        var fields = of("stats_data").put("rusage", numbers(sample.use()));
        fields.put("kinfo_mem", sample.memory().map(m -> (Object) numbers(m).members).orElse(null));
        if (sample.vmm().isPresent()) {
            fields.list(
                    "vmm",
                    sample.vmm().get(),
                    c -> new Fields().text("key", c.key()).put("value", Long.toString(c.value())));
        } else {
            fields.put("vmm", (Object) null);
        }
        return fields.list("ifdata", sample.interfaces(), Fields::numbers);
    }

    /** The components of a record of counters: 64-bit ones as decimal strings. */
    private static Fields numbers(Record counters) {
        var fields = new Fields();
        for (RecordComponent component : counters.getClass().getRecordComponents()) {
            String key = key(component);
            switch (value(counters, component)) {
                case Sample.Time(var seconds, var micros) ->
                        fields.put(
                                key,
                                new Fields()
                                        .put("sec", Long.toString(seconds))
                                        .put("usec", micros));
                case String text -> fields.text(key, text);
                case Object number when NUMBERS.contains(key) -> fields.put(key, number);
                case Object number -> fields.put(key, number.toString());
            }
        }
        return fields;
    }

    static String key(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static Object value(Record counters, RecordComponent component) {
        try {
            return component.getAccessor().invoke(counters);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("accessors of these records are public", e);
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
