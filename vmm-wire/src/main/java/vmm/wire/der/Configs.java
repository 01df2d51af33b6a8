package vmm.wire.der;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.MacAddress;
import vmm.core.NetDevice;
import vmm.core.Policy;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Form;

/** {@code ConfigV0 … ConfigV5}, {@code ArgumentsV0 … V2} and what they are made of. */
final class Configs {
    private static final long CPUS_DEFAULT = 1;

    private Configs() {}

    // Reading

    static UnikernelConfig read(DerReader in, Form.Config form) throws DerException {
        int outer = in.openSequence();
        Typ typ = readTyp(in);
        boolean compressed = in.readBoolean();
        Bytes image = in.readOctets();
        var config =
                new UnikernelConfig(
                        typ,
                        compressed,
                        image,
                        switch (form) {
                            case V1, V2, V3 -> readArguments(in, form, true, Shape.OLD);
                            case V4 -> readArguments(in, form, true, Shape.NAMED);
                            case V5 -> readArguments(in, form, true, Shape.CPUIDS);
                        });
        in.close(outer);
        return config;
    }

    static Arguments readArguments(DerReader in, Form.Restart form) throws DerException {
        int outer = in.openSequence();
        Arguments arguments =
                readArguments(
                        in,
                        Form.Config.V3,
                        false,
                        switch (form) {
                            case V1, V2_ARGUMENTS_V0 -> Shape.OLD;
                            case V2_ARGUMENTS_V1 -> Shape.NAMED;
                            case V2_ARGUMENTS_V2 -> Shape.CPUIDS;
                        });
        in.close(outer);
        return arguments;
    }

    /** Which fields there are, beside those that all forms have. */
    private enum Shape {
        OLD,
        NAMED,
        CPUIDS
    }

    private static Arguments readArguments(
            DerReader in, Form.Config devices, boolean startupFirst, Shape shape)
            throws DerException {
        FailBehaviour fail = FailBehaviour.QUIT;
        if (!startupFirst) {
            fail = readFail(in);
        }
        OptionalLong startup =
                shape != Shape.OLD && in.nextIs(Tag.INTEGER)
                        ? OptionalLong.of(in.readInteger())
                        : OptionalLong.empty();
        boolean addName = shape == Shape.OLD || in.readBoolean();
        if (startupFirst) {
            fail = readFail(in);
        }
        SortedSet<Long> cpuids =
                shape == Shape.CPUIDS
                        ? new TreeSet<>(in.readList(Tag.SET, DerReader::readInteger))
                        : new TreeSet<>(List.of(in.readInteger()));
        long memory = in.readInteger();
        List<BlockDevice> blocks = optional(in, 0, i -> readBlocks(i, devices)).orElse(List.of());
        List<NetDevice> nets = optional(in, 1, i -> readNets(i, devices)).orElse(List.of());
        Optional<List<String>> argv = readArgv(in);
        long cpus = CPUS_DEFAULT;
        Optional<String> boot = Optional.empty();
        if (shape == Shape.CPUIDS) {
            cpus = optional(in, 3, DerReader::readInteger).orElse(CPUS_DEFAULT);
            boot = optional(in, 4, DerReader::readText);
        }
        return new Arguments(
                fail, startup, addName, cpuids, memory, blocks, nets, argv, cpus, boot);
    }

    static Optional<List<String>> readArgv(DerReader in) throws DerException {
        return optional(in, 2, i -> i.readList(Tag.SEQUENCE, DerReader::readText));
    }

    static <T> Optional<T> optional(DerReader in, int number, DerReader.Element<T> element)
            throws DerException {
        if (!in.nextIs(Tag.context(number))) {
            return Optional.empty();
        }
        int outer = in.open(Tag.context(number));
        T value = element.read(in);
        in.close(outer);
        return Optional.of(value);
    }

    static Typ readTyp(DerReader in) throws DerException {
        int offset = in.offset();
        int tag = in.peek();
        int outer = in.openContext();
        in.readNull();
        in.close(outer);
        return switch (Tag.number(tag)) {
            case 0 -> Typ.SOLO5;
            case 1 -> Typ.BHYVE;
            default -> throw new DerException(offset, "unknown typ [" + Tag.number(tag) + "]");
        };
    }

    static FailBehaviour readFail(DerReader in) throws DerException {
        int offset = in.offset();
        int tag = in.peek();
        int outer = in.openContext();
        FailBehaviour fail =
                switch (Tag.number(tag)) {
                    case 0 -> {
                        in.readNull();
                        yield FailBehaviour.QUIT;
                    }
                    case 1 ->
                            new FailBehaviour.Restart(
                                    new TreeSet<>(in.readList(Tag.SET, DerReader::readInteger)));
                    default ->
                            throw new DerException(
                                    offset, "unknown fail behaviour [" + Tag.number(tag) + "]");
                };
        in.close(outer);
        return fail;
    }

    private static List<BlockDevice> readBlocks(DerReader in, Form.Config form)
            throws DerException {
        return switch (form) {
            case V1, V2 -> in.readList(Tag.SET, i -> block(i.readText()));
            case V3, V4, V5 -> in.readList(Tag.SET, Configs::readBlock);
        };
    }

    private static BlockDevice block(String name) {
        return new BlockDevice(name, Optional.empty(), OptionalLong.empty());
    }

    private static BlockDevice readBlock(DerReader in) throws DerException {
        int outer = in.openSequence();
        String name = in.readText();
        Optional<String> device = optionalText(in);
        OptionalLong sectorSize =
                in.nextIs(Tag.INTEGER) ? OptionalLong.of(in.readInteger()) : OptionalLong.empty();
        in.close(outer);
        return new BlockDevice(name, device, sectorSize);
    }

    static Optional<String> optionalText(DerReader in) throws DerException {
        return in.nextIs(Tag.UTF8) ? Optional.of(in.readText()) : Optional.empty();
    }

    private static List<NetDevice> readNets(DerReader in, Form.Config form) throws DerException {
        return switch (form) {
            case V1 -> in.readList(Tag.SET, i -> net(i.readText()));
            case V2 -> in.readList(Tag.SEQUENCE, i -> readNet(i, false));
            case V3, V4, V5 -> in.readList(Tag.SET, i -> readNet(i, true));
        };
    }

    private static NetDevice net(String name) {
        return new NetDevice(name, Optional.empty(), Optional.empty());
    }

    private static NetDevice readNet(DerReader in, boolean withMac) throws DerException {
        int outer = in.openSequence();
        String name = in.readText();
        Optional<String> bridge = optionalText(in);
        Optional<MacAddress> mac =
                withMac && in.nextIs(Tag.OCTETS) ? Optional.of(readMac(in)) : Optional.empty();
        in.close(outer);
        return new NetDevice(name, bridge, mac);
    }

    static MacAddress readMac(DerReader in) throws DerException {
        int offset = in.offset();
        Bytes bytes = in.readOctets();
        if (bytes.length() != MacAddress.BYTES) {
            throw new DerException(offset, "a MAC address has " + MacAddress.BYTES + " bytes");
        }
        return MacAddress.of(bytes);
    }

    /** {@code ConfigV0}, which only state files have. */
    static UnikernelConfig readV0(DerReader in) throws DerException {
        int outer = in.openSequence();
        long cpuid = in.readInteger();
        long memory = in.readInteger();
        Optional<String> block = optionalText(in);
        List<String> networks = optionalTexts(in);
        int offset = in.offset();
        int tag = in.peek();
        int inner = in.openContext();
        Bytes image = in.readOctets();
        in.close(inner);
        if (Tag.number(tag) > 2) {
            throw new DerException(offset, "unknown image [" + Tag.number(tag) + "]");
        }
        Optional<List<String>> argv =
                in.nextIs(Tag.SEQUENCE)
                        ? Optional.of(in.readList(Tag.SEQUENCE, DerReader::readText))
                        : Optional.empty();
        in.close(outer);
        return new UnikernelConfig(
                Typ.SOLO5,
                Tag.number(tag) == 2,
                image,
                new Arguments(
                        FailBehaviour.QUIT,
                        OptionalLong.empty(),
                        true,
                        new TreeSet<>(List.of(cpuid)),
                        memory,
                        block.stream().map(Configs::block).toList(),
                        networks.stream().map(Configs::net).toList(),
                        argv,
                        CPUS_DEFAULT,
                        Optional.empty()));
    }

    /**
     * An optional SEQUENCE OF text that another SEQUENCE may follow, but never without an image.
     */
    private static List<String> optionalTexts(DerReader in) throws DerException {
        return in.nextIs(Tag.SEQUENCE) ? in.readList(Tag.SEQUENCE, DerReader::readText) : List.of();
    }

    static Policy readPolicy(DerReader in) throws DerException {
        int outer = in.openSequence();
        List<Long> cpuids = in.readList(Tag.SEQUENCE, DerReader::readInteger);
        long unikernels = in.readInteger();
        long memory = in.readInteger();
        OptionalLong block =
                in.nextIs(Tag.INTEGER) ? OptionalLong.of(in.readInteger()) : OptionalLong.empty();
        List<String> bridges = in.readList(Tag.SEQUENCE, DerReader::readText);
        in.close(outer);
        return Policy.of(cpuids, unikernels, memory, block, bridges);
    }

    // Writing, last field first

    static void write(DerWriter out, Form.Config form, UnikernelConfig config) {
        int mark = out.mark();
        writeTail(out, form, form == Form.Config.V5, config.arguments());
        writeFail(out, config.arguments().fail());
        if (form == Form.Config.V4 || form == Form.Config.V5) {
            writeStartup(out, config.arguments());
        }
        out.writeOctets(config.image());
        out.writeBoolean(config.compressed());
        writeTyp(out, config.typ());
        out.sequence(mark);
    }

    static void writeArguments(DerWriter out, Form.Restart form, Arguments arguments) {
        int mark = out.mark();
        boolean cpuids = form == Form.Restart.V2_ARGUMENTS_V2;
        writeTail(out, Form.Config.V3, cpuids, arguments);
        if (cpuids || form == Form.Restart.V2_ARGUMENTS_V1) {
            writeStartup(out, arguments);
        }
        writeFail(out, arguments.fail());
        out.sequence(mark);
    }

    private static void writeStartup(DerWriter out, Arguments arguments) {
        out.writeBoolean(arguments.addName());
        arguments.startup().ifPresent(out::writeInteger);
    }

    /** From cpuid or cpuids on. */
    private static void writeTail(
            DerWriter out, Form.Config devices, boolean withCpuids, Arguments a) {
        if (withCpuids) {
            a.linuxBootPartition().ifPresent(boot -> explicit(out, 4, () -> out.writeText(boot)));
            explicit(out, 3, () -> out.writeInteger(a.cpus()));
        }
        writeArgv(out, a.argv());
        writeNets(out, devices, a.networks());
        writeBlocks(out, devices, a.blocks());
        out.writeInteger(a.memoryMiB());
        if (withCpuids) {
            out.writeSet(new ArrayList<>(a.cpuids()), DerWriter::writeInteger);
        } else {
            out.writeInteger(lowest(a.cpuids()));
        }
    }

    /** What a form that knows one CPU id carries of several. */
    static long lowest(SortedSet<Long> cpuids) {
        return cpuids.isEmpty() ? 0 : cpuids.first();
    }

    static void explicit(DerWriter out, int number, Runnable content) {
        int mark = out.mark();
        content.run();
        out.context(number, mark);
    }

    static void writeArgv(DerWriter out, Optional<List<String>> argv) {
        argv.ifPresent(
                words ->
                        explicit(
                                out,
                                2,
                                () -> out.writeList(Tag.SEQUENCE, words, DerWriter::writeText)));
    }

    private static void writeBlocks(DerWriter out, Form.Config form, List<BlockDevice> blocks) {
        if (blocks.isEmpty()) {
            return;
        }
        explicit(
                out,
                0,
                () -> {
                    switch (form) {
                        case V1, V2 -> out.writeSet(blocks, (o, b) -> o.writeText(b.name()));
                        case V3, V4, V5 -> out.writeSet(blocks, Configs::writeBlock);
                    }
                });
    }

    private static void writeBlock(DerWriter out, BlockDevice block) {
        int mark = out.mark();
        block.sectorSize().ifPresent(out::writeInteger);
        block.device().ifPresent(out::writeText);
        out.writeText(block.name());
        out.sequence(mark);
    }

    private static void writeNets(DerWriter out, Form.Config form, List<NetDevice> nets) {
        if (nets.isEmpty()) {
            return;
        }
        explicit(
                out,
                1,
                () -> {
                    switch (form) {
                        case V1 -> out.writeSet(nets, (o, n) -> o.writeText(n.name()));
                        case V2 ->
                                out.writeList(Tag.SEQUENCE, nets, (o, n) -> writeNet(o, n, false));
                        case V3, V4, V5 -> out.writeSet(nets, (o, n) -> writeNet(o, n, true));
                    }
                });
    }

    private static void writeNet(DerWriter out, NetDevice net, boolean withMac) {
        int mark = out.mark();
        if (withMac) {
            net.mac().ifPresent(mac -> out.writeOctets(mac.bytes()));
        }
        net.bridge().ifPresent(out::writeText);
        out.writeText(net.name());
        out.sequence(mark);
    }

    static void writeTyp(DerWriter out, Typ typ) {
        explicit(out, typ == Typ.SOLO5 ? 0 : 1, out::writeNull);
    }

    static void writeFail(DerWriter out, FailBehaviour fail) {
        switch (fail) {
            case FailBehaviour.Quit() -> explicit(out, 0, out::writeNull);
            case FailBehaviour.Restart(var codes) ->
                    explicit(
                            out,
                            1,
                            () -> out.writeSet(new ArrayList<>(codes), DerWriter::writeInteger));
        }
    }

    static void writePolicy(DerWriter out, Policy policy) {
        int mark = out.mark();
        out.writeList(Tag.SEQUENCE, new ArrayList<>(policy.bridges()), DerWriter::writeText);
        policy.blockMiB().ifPresent(out::writeInteger);
        out.writeInteger(policy.memoryMiB());
        out.writeInteger(policy.unikernels());
        out.writeList(Tag.SEQUENCE, new ArrayList<>(policy.cpuids()), DerWriter::writeInteger);
        out.sequence(mark);
    }
}
