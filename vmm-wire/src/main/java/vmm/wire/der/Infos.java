package vmm.wire.der;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Typ;
import vmm.core.UnikernelInfo;
import vmm.wire.Form;

/** {@code InfoV2 … InfoV6}. */
final class Infos {
    private static final long CPUS_DEFAULT = 1;

    private Infos() {}

    private static boolean hasStartup(Form.Info form) {
        return form.compareTo(Form.Info.V5) >= 0;
    }

    /** Whether devices are told as they are on the host, or only as they were asked for. */
    private static boolean hasHostDevices(Form.Info form) {
        return form.compareTo(Form.Info.V4) >= 0;
    }

    static UnikernelInfo read(DerReader in, Form.Info form) throws DerException {
        int outer = in.openSequence();
        Typ typ = Configs.readTyp(in);
        OptionalLong startup =
                hasStartup(form) && in.nextIs(Tag.INTEGER)
                        ? OptionalLong.of(in.readInteger())
                        : OptionalLong.empty();
        FailBehaviour fail = Configs.readFail(in);
        SortedSet<Long> cpuids =
                form == Form.Info.V6
                        ? new TreeSet<>(in.readList(Tag.SET, DerReader::readInteger))
                        : new TreeSet<>(List.of(in.readInteger()));
        long memory = in.readInteger();
        Bytes digest = in.readOctets();
        List<UnikernelInfo.Block> blocks =
                Configs.optional(in, 0, i -> i.readList(Tag.SET, e -> readBlock(e, form)))
                        .orElse(List.of());
        List<UnikernelInfo.Net> nets =
                Configs.optional(in, 1, i -> i.readList(Tag.SET, e -> readNet(e, form)))
                        .orElse(List.of());
        Optional<List<String>> argv = Configs.readArgv(in);
        Optional<Instant> started =
                form == Form.Info.V2
                        ? Optional.empty()
                        : Configs.optional(in, 3, i -> Times.read(i, Tag.GENERALIZED_TIME));
        long cpus = CPUS_DEFAULT;
        Optional<String> boot = Optional.empty();
        if (form == Form.Info.V6) {
            cpus = Configs.optional(in, 4, DerReader::readInteger).orElse(CPUS_DEFAULT);
            boot = Configs.optional(in, 5, DerReader::readText);
        }
        in.close(outer);
        return new UnikernelInfo(
                typ, startup, fail, cpuids, memory, digest, blocks, nets, argv, started, cpus,
                boot);
    }

    private static UnikernelInfo.Block readBlock(DerReader in, Form.Info form) throws DerException {
        int outer = in.openSequence();
        UnikernelInfo.Block block;
        String name = in.readText();
        if (hasHostDevices(form)) {
            block =
                    new UnikernelInfo.Block(
                            name, in.readText(), in.readInteger(), in.readInteger());
        } else {
            block =
                    new UnikernelInfo.Block(
                            name,
                            Configs.optionalText(in),
                            in.nextIs(Tag.INTEGER)
                                    ? OptionalLong.of(in.readInteger())
                                    : OptionalLong.empty(),
                            OptionalLong.empty());
        }
        in.close(outer);
        return block;
    }

    private static UnikernelInfo.Net readNet(DerReader in, Form.Info form) throws DerException {
        int outer = in.openSequence();
        String name = in.readText();
        UnikernelInfo.Net net;
        if (hasHostDevices(form)) {
            net = new UnikernelInfo.Net(name, in.readText(), Configs.readMac(in));
        } else {
            net =
                    new UnikernelInfo.Net(
                            name,
                            Configs.optionalText(in),
                            in.nextIs(Tag.OCTETS)
                                    ? Optional.of(Configs.readMac(in))
                                    : Optional.empty());
        }
        in.close(outer);
        return net;
    }

    static void write(DerWriter out, Form.Info form, UnikernelInfo info) {
        int mark = out.mark();
        if (form == Form.Info.V6) {
            info.linuxBootPartition()
                    .ifPresent(boot -> Configs.explicit(out, 5, () -> out.writeText(boot)));
            Configs.explicit(out, 4, () -> out.writeInteger(info.cpus()));
        }
        if (form != Form.Info.V2) {
            info.started()
                    .ifPresent(
                            at -> Configs.explicit(out, 3, () -> Times.writeGeneralized(out, at)));
        }
        Configs.writeArgv(out, info.argv());
        if (!info.networks().isEmpty()) {
            Configs.explicit(
                    out,
                    1,
                    () -> out.writeSet(info.networks(), (o, net) -> writeNet(o, form, net)));
        }
        if (!info.blocks().isEmpty()) {
            Configs.explicit(
                    out,
                    0,
                    () -> out.writeSet(info.blocks(), (o, block) -> writeBlock(o, form, block)));
        }
        out.writeOctets(info.digest());
        out.writeInteger(info.memoryMiB());
        if (form == Form.Info.V6) {
            out.writeSet(new ArrayList<>(info.cpuids()), DerWriter::writeInteger);
        } else {
            out.writeInteger(Configs.lowest(info.cpuids()));
        }
        Configs.writeFail(out, info.fail());
        if (hasStartup(form)) {
            info.startup().ifPresent(out::writeInteger);
        }
        Configs.writeTyp(out, info.typ());
        out.sequence(mark);
    }

    private static void writeBlock(DerWriter out, Form.Info form, UnikernelInfo.Block block) {
        int mark = out.mark();
        if (hasHostDevices(form)) {
            out.writeInteger(block.sizeMiB());
            out.writeInteger(block.sectorSize());
            out.writeText(block.hostDevice());
        } else {
            block.sector().ifPresent(out::writeInteger);
            block.device().ifPresent(out::writeText);
        }
        out.writeText(block.name());
        out.sequence(mark);
    }

    private static void writeNet(DerWriter out, Form.Info form, UnikernelInfo.Net net) {
        int mark = out.mark();
        if (hasHostDevices(form)) {
            out.writeOctets(net.mac().bytes());
            out.writeText(net.hostDevice());
        } else {
            net.given().ifPresent(mac -> out.writeOctets(mac.bytes()));
            net.bridge().ifPresent(out::writeText);
        }
        out.writeText(net.name());
        out.sequence(mark);
    }
}
