package vmm.client.wire;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.FailBehaviour;
import vmm.core.MacAddress;
import vmm.core.NetDevice;
import vmm.core.Policy;
import vmm.core.Sample;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.core.UnikernelInfo;
import vmm.wire.Form;

/** What exists, read from JSON in the shape that {@link Fields} gives it. */
final class Reading {
    private static final long CPUS_DEFAULT = 1;

    private Reading() {}

    static Policy policy(Given given) {
        return Policy.of(
                given.numbers("cpuids"),
                given.number("unikernels"),
                given.number("memory"),
                given.optionalNumber("block"),
                given.texts("bridges"));
    }

    /** The oldest form, as far as the release has it, that can say all that is given. */
    static Form.Config form(Given given, Dialect dialect) {
        if (given.has("cpuids")) {
            return Form.Config.V5;
        }
        if (given.has("add_name") || given.has("startup")) {
            return Form.Config.V4;
        }
        return dialect.config() == Form.Config.V2 ? Form.Config.V2 : Form.Config.V3;
    }

    static Form.Restart restartForm(Given given) {
        if (given.has("cpuids")) {
            return Form.Restart.V2_ARGUMENTS_V2;
        }
        return given.has("add_name") || given.has("startup")
                ? Form.Restart.V2_ARGUMENTS_V1
                : Form.Restart.V2_ARGUMENTS_V0;
    }

    static UnikernelConfig config(Given given) {
        return new UnikernelConfig(
                given.constant("typ", Typ.class),
                given.flag("compressed"),
                given.bytes("image"),
                arguments(given));
    }

    static Arguments arguments(Given given) {
        return new Arguments(
                fail(given.object("fail_behaviour")),
                given.optionalNumber("startup"),
                !given.has("add_name") || given.flag("add_name"),
                cpuids(given),
                given.number("memory"),
                given.list("block_devices", Reading::block),
                given.list("bridges", Reading::net),
                given.optionalTexts("argv"),
                given.optionalNumber("numcpus").orElse(CPUS_DEFAULT),
                given.optionalText("linux_boot_partition"));
    }

    private static SortedSet<Long> cpuids(Given given) {
        return new TreeSet<>(
                given.has("cpuids") ? given.numbers("cpuids") : List.of(given.number("cpuid")));
    }

    private static FailBehaviour fail(Given given) {
        return switch (given.type()) {
            case "quit" -> FailBehaviour.QUIT;
            case "restart" ->
                    new FailBehaviour.Restart(
                            given.has("exit_codes") && !given.node().get("exit_codes").isNull()
                                    ? new TreeSet<>(given.numbers("exit_codes"))
                                    : Collections.emptySortedSet());
            default ->
                    throw new IllegalArgumentException(
                            "unknown fail_behaviour '" + given.type() + "'");
        };
    }

    /** A device as it is asked for, or only its name, as the oldest releases have it. */
    private static BlockDevice block(JsonNode node) {
        if (node.isString()) {
            return new BlockDevice(node.stringValue(), Optional.empty(), OptionalLong.empty());
        }
        var given = new Given(node);
        return new BlockDevice(
                given.text("name"),
                given.optionalText("device"),
                given.optionalNumber("sector_size"));
    }

    private static NetDevice net(JsonNode node) {
        if (node.isString()) {
            return new NetDevice(node.stringValue(), Optional.empty(), Optional.empty());
        }
        var given = new Given(node);
        return new NetDevice(given.text("netif"), given.optionalText("bridge"), mac(given));
    }

    private static Optional<MacAddress> mac(Given given) {
        return given.optionalText("mac").map(MacAddress::parse);
    }

    static UnikernelInfo info(Given given) {
        return new UnikernelInfo(
                given.constant("typ", Typ.class),
                given.optionalNumber("startup"),
                fail(given.object("fail_behaviour")),
                cpuids(given),
                given.number("memory"),
                given.bytes("digest"),
                given.objects("block_devices", Reading::infoBlock),
                given.objects("bridges", Reading::infoNet),
                given.optionalTexts("argv"),
                given.optionalObject("started").map(_ -> given.time("started")),
                given.optionalNumber("numcpus").orElse(CPUS_DEFAULT),
                given.optionalText("linux_boot_partition"));
    }

    private static UnikernelInfo.Block infoBlock(Given given) {
        return given.has("name")
                ? new UnikernelInfo.Block(
                        given.text("name"),
                        given.optionalText("device"),
                        given.optionalNumber("sector_size"),
                        OptionalLong.empty())
                : new UnikernelInfo.Block(
                        given.text("unikernel_device"),
                        given.optionalText("host_device"),
                        given.optionalNumber("sector_size"),
                        given.optionalNumber("size"));
    }

    private static UnikernelInfo.Net infoNet(Given given) {
        return given.has("netif")
                ? new UnikernelInfo.Net(
                        given.text("netif"), given.optionalText("bridge"), mac(given))
                : new UnikernelInfo.Net(
                        given.text("unikernel_device"),
                        given.optionalText("host_device"),
                        mac(given));
    }

    static Sample sample(Given given) {
        return new Sample(
                given.object("rusage").counters(Sample.ResourceUse.class),
                given.objects("ifdata", one -> one.counters(Sample.Interface.class)),
                given.has("vmm") && !given.node().get("vmm").isNull()
                        ? Optional.of(given.objects("vmm", Reading::counter))
                        : Optional.empty(),
                given.optionalObject("kinfo_mem").map(one -> one.counters(Sample.Memory.class)));
    }

    private static Sample.Counter counter(Given given) {
        return new Sample.Counter(given.text("key"), given.number("value"));
    }
}
