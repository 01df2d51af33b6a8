package vmm.wire.der;

import java.time.Instant;
import vmm.core.Name;
import vmm.wire.Data;
import vmm.wire.Form;
import vmm.wire.Header.Version;
import vmm.wire.Success;
import vmm.wire.Success.Named;

/** {@code Success} and {@code Data}. */
final class Replies {
    private Replies() {}

    /** The values of a list whose names' meaning the list decides. */
    private static <T> DerReader.Element<Named<T>> named(
            Version version, Names.Meaning meaning, DerReader.Element<T> element) {
        return in -> {
            int outer = in.openSequence();
            Name name = Names.read(in, version, meaning);
            var named = new Named<>(name, element.read(in));
            in.close(outer);
            return named;
        };
    }

    static Success readSuccess(DerReader in, Version version) throws DerException {
        int offset = in.offset();
        int number = Tag.number(in.peek());
        int outer = in.openContext();
        Success success = readSuccess(in, version, number, offset);
        in.close(outer);
        return success;
    }

    private static Success readSuccess(DerReader in, Version version, int number, int offset)
            throws DerException {
        return switch (number) {
            case 0 -> {
                in.readNull();
                yield new Success.Empty();
            }
            case 1 -> new Success.Text(in.readText());
            case 2 ->
                    new Success.Policies(
                            in.readList(
                                    Tag.SEQUENCE,
                                    named(version, Names.Meaning.PATH, Configs::readPolicy)));
            case 3 ->
                    new Success.Unikernels(
                            in.readList(
                                    Tag.SEQUENCE,
                                    named(
                                            version,
                                            Names.Meaning.UNIKERNEL,
                                            i -> Configs.read(i, Form.Config.V2))));
            case 4 ->
                    new Success.BlockDevices(
                            in.readList(Tag.SEQUENCE, i -> readBlockDevice(i, version)));
            case 5 -> readInfos(in, version, Form.Info.V2);
            case 6 -> {
                int outer = in.openSequence();
                var image = new Success.Image(in.readBoolean(), in.readOctets());
                in.close(outer);
                yield image;
            }
            case 7 -> {
                int outer = in.openSequence();
                var image = new Success.BlockImageOld(in.readBoolean(), in.readOctets());
                in.close(outer);
                yield image;
            }
            case 8 -> readInfos(in, version, Form.Info.V3);
            case 9 -> readInfos(in, version, Form.Info.V4);
            case 10 -> new Success.BlockImage(in.readBoolean());
            case 11 -> readInfos(in, version, Form.Info.V5);
            case 12 ->
                    new Success.Consoles(
                            in.readList(
                                    Tag.SEQUENCE,
                                    i -> Names.read(i, version, Names.Meaning.UNIKERNEL)));
            case 13 -> readInfos(in, version, Form.Info.V6);
            case Extension.HELD -> new Success.Held(Extension.readPrefix(in));
            default -> throw new DerException(offset, "unknown success [" + number + "]");
        };
    }

    private static Success readInfos(DerReader in, Version version, Form.Info form)
            throws DerException {
        return new Success.Info(
                form,
                in.readList(
                        Tag.SEQUENCE,
                        named(version, Names.Meaning.UNIKERNEL, i -> Infos.read(i, form))));
    }

    private static Success.BlockDevice readBlockDevice(DerReader in, Version version)
            throws DerException {
        int outer = in.openSequence();
        var device =
                new Success.BlockDevice(
                        Names.read(in, version, Names.Meaning.UNIKERNEL),
                        in.readInteger(),
                        in.readBoolean());
        in.close(outer);
        return device;
    }

    static void write(DerWriter out, Version version, Success success) {
        int mark = out.mark();
        int number =
                switch (success) {
                    case Success.Empty() -> {
                        out.writeNull();
                        yield 0;
                    }
                    case Success.Text(var text) -> {
                        out.writeText(text);
                        yield 1;
                    }
                    case Success.Policies(var policies) -> {
                        out.writeList(
                                Tag.SEQUENCE, policies, writeNamed(version, Configs::writePolicy));
                        yield 2;
                    }
                    case Success.Unikernels(var unikernels) -> {
                        out.writeList(
                                Tag.SEQUENCE,
                                unikernels,
                                writeNamed(version, (o, c) -> Configs.write(o, Form.Config.V2, c)));
                        yield 3;
                    }
                    case Success.BlockDevices(var devices) -> {
                        out.writeList(
                                Tag.SEQUENCE, devices, (o, d) -> writeBlockDevice(o, version, d));
                        yield 4;
                    }
                    case Success.Info(var form, var infos) -> {
                        out.writeList(
                                Tag.SEQUENCE,
                                infos,
                                writeNamed(version, (o, i) -> Infos.write(o, form, i)));
                        yield form.successTag();
                    }
                    case Success.Image(var compressed, var image) -> {
                        out.writeOctets(image);
                        out.writeBoolean(compressed);
                        out.sequence(mark);
                        yield 6;
                    }
                    case Success.BlockImageOld(var compressed, var image) -> {
                        out.writeOctets(image);
                        out.writeBoolean(compressed);
                        out.sequence(mark);
                        yield 7;
                    }
                    case Success.BlockImage(var compressed) -> {
                        out.writeBoolean(compressed);
                        yield 10;
                    }
                    case Success.Held(var prefix) -> {
                        Extension.writePrefix(out, prefix);
                        yield Extension.HELD;
                    }
                    case Success.Consoles(var names) -> {
                        out.writeList(Tag.SEQUENCE, names, (o, n) -> Names.write(o, version, n));
                        yield 12;
                    }
                };
        out.context(number, mark);
    }

    private static <T> DerWriter.Element<Named<T>> writeNamed(
            Version version, DerWriter.Element<T> element) {
        return (out, named) -> {
            int mark = out.mark();
            element.write(out, named.value());
            Names.write(out, version, named.name());
            out.sequence(mark);
        };
    }

    private static void writeBlockDevice(
            DerWriter out, Version version, Success.BlockDevice device) {
        int mark = out.mark();
        out.writeBoolean(device.active());
        out.writeInteger(device.sizeMiB());
        Names.write(out, version, device.name());
        out.sequence(mark);
    }

    static Data readData(DerReader in) throws DerException {
        int offset = in.offset();
        int number = Tag.number(in.peek());
        int outer = in.openContext();
        Data data =
                switch (number) {
                    case 0 -> readLine(in, true);
                    case 1 -> new Data.Statistics(Samples.read(in));
                    case 3 -> readLine(in, false);
                    case 4 -> readBlock(in);
                    case 2 -> throw new DerException(offset, "log data was dropped");
                    default -> throw new DerException(offset, "unknown data [" + number + "]");
                };
        in.close(outer);
        return data;
    }

    private static Data readLine(DerReader in, boolean utc) throws DerException {
        int outer = in.openSequence();
        Instant time = Times.read(in, utc ? Tag.UTC_TIME : Tag.GENERALIZED_TIME);
        var line = new Data.ConsoleLine(utc, time, in.readText());
        in.close(outer);
        return line;
    }

    private static Data readBlock(DerReader in) throws DerException {
        int offset = in.offset();
        int number = Tag.number(in.peek());
        int outer = in.openContext();
        Data data;
        switch (number) {
            case 0 -> data = new Data.Chunk(in.readOctets());
            case 1 -> {
                in.readNull();
                data = new Data.End();
            }
            default -> throw new DerException(offset, "neither chunk [0] nor eof [1]");
        }
        in.close(outer);
        return data;
    }

    static void write(DerWriter out, Data data) {
        int mark = out.mark();
        switch (data) {
            case Data.ConsoleLine(var utc, var time, var line) -> {
                out.writeText(line);
                Commands.writeTime(out, utc, time);
                out.sequence(mark);
                out.context(utc ? 0 : 3, mark);
            }
            case Data.Statistics(var sample) -> {
                Samples.write(out, sample);
                out.context(1, mark);
            }
            case Data.Chunk(var bytes) -> {
                out.writeOctets(bytes);
                out.context(0, mark);
                out.context(4, mark);
            }
            case Data.End() -> {
                out.writeNull();
                out.context(1, mark);
                out.context(4, mark);
            }
        }
    }
}
