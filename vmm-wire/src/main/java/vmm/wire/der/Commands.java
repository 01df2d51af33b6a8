package vmm.wire.der;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import vmm.core.Bytes;
import vmm.wire.Command;
import vmm.wire.Form;

/** {@code Command ::= CHOICE { console [0], statistics [1], log [2], unikernel [3], … }} */
final class Commands {
    private Commands() {}

    static Command read(DerReader in) throws DerException {
        int family = Tag.number(in.peek());
        int outer = in.openContext();
        if (family == 2) {
            throw in.wrong("the log command was dropped");
        }
        if (family > 5) {
            throw in.wrong("unknown command [" + family + "]");
        }
        int offset = in.offset();
        int tag = in.peek();
        int inner = in.openContext();
        int number = Tag.number(tag);
        Command command =
                switch (family) {
                    case 0 -> readConsole(in, number, offset);
                    case 1 -> readStatistics(in, number, offset);
                    case 3 -> readUnikernel(in, number, offset);
                    case 4 -> readPolicies(in, number, offset);
                    default -> readBlock(in, number, offset);
                };
        in.close(inner);
        in.close(outer);
        return command;
    }

    private static <T> T nothing(DerReader in, T value) throws DerException {
        in.readNull();
        return value;
    }

    private static Command readConsole(DerReader in, int number, int offset) throws DerException {
        return switch (number) {
            case 0 -> {
                if (in.nextIs(Tag.NULL)) {
                    yield nothing(in, new Command.ConsoleAdd(OptionalLong.empty()));
                }
                yield new Command.ConsoleAdd(OptionalLong.of(in.readInteger()));
            }
            case 1 -> new Command.ConsoleSubscribe(true, readHistory(in, Tag.UTC_TIME));
            case 2 -> new Command.ConsoleSubscribe(false, readHistory(in, Tag.GENERALIZED_TIME));
            case 3 -> nothing(in, new Command.ConsoleListInactive());
            default -> throw new DerException(offset, "unknown console command [" + number + "]");
        };
    }

    private static Command.History readHistory(DerReader in, int timeTag) throws DerException {
        int offset = in.offset();
        int number = Tag.number(in.peek());
        int outer = in.openContext();
        Command.History history =
                switch (number) {
                    case 0 -> new Command.History.Since(Times.read(in, timeTag));
                    case 1 -> new Command.History.Count(in.readInteger());
                    default -> throw new DerException(offset, "neither since [0] nor count [1]");
                };
        in.close(outer);
        return history;
    }

    private static Command readStatistics(DerReader in, int number, int offset)
            throws DerException {
        return switch (number) {
            case 0 -> {
                int outer = in.openSequence();
                var add =
                        new Command.StatsAdd(
                                in.readText(),
                                in.readInteger(),
                                in.readList(Tag.SEQUENCE, Commands::readTap));
                in.close(outer);
                yield add;
            }
            case 1 -> nothing(in, new Command.StatsRemove());
            case 2 -> nothing(in, new Command.StatsSubscribe());
            case 3 -> nothing(in, new Command.StatsInitial());
            default -> throw new DerException(offset, "unknown stats command [" + number + "]");
        };
    }

    private static Command.Tap readTap(DerReader in) throws DerException {
        int outer = in.openSequence();
        var tap = new Command.Tap(in.readText(), in.readText());
        in.close(outer);
        return tap;
    }

    private static Command readUnikernel(DerReader in, int number, int offset) throws DerException {
        return switch (number) {
            case 0 -> info(in, Form.Info.V1);
            case 1 -> create(in, false, Form.Config.V1);
            case 2 -> create(in, true, Form.Config.V1);
            case 3 -> nothing(in, new Command.Destroy());
            case 4 -> create(in, false, Form.Config.V2);
            case 5 -> create(in, true, Form.Config.V2);
            case 6 -> nothing(in, new Command.GetImage(Form.Get.V1, 0));
            case 7 -> info(in, Form.Info.V2);
            case 8 -> nothing(in, new Command.GetImage(Form.Get.V2, 0));
            case 9 -> create(in, false, Form.Config.V3);
            case 10 -> create(in, true, Form.Config.V3);
            case 11 -> new Command.GetImage(Form.Get.V3, in.readInteger());
            case 12 -> nothing(in, new Command.Restart(Form.Restart.V1, Optional.empty()));
            case 13 -> info(in, Form.Info.V3);
            case 14 -> readRestart(in);
            case 15 -> info(in, Form.Info.V4);
            case 16 -> create(in, false, Form.Config.V4);
            case 17 -> create(in, true, Form.Config.V4);
            case 18 -> info(in, Form.Info.V5);
            case 19 -> info(in, Form.Info.V6);
            case 20 -> create(in, false, Form.Config.V5);
            case 21 -> create(in, true, Form.Config.V5);
            case Extension.GET_FROM -> Extension.levelled(in, Command.GetImageFrom::new);
            default -> throw new DerException(offset, "unknown unikernel command [" + number + "]");
        };
    }

    private static Command info(DerReader in, Form.Info form) throws DerException {
        return nothing(in, new Command.UnikernelInfo(form));
    }

    private static Command create(DerReader in, boolean force, Form.Config form)
            throws DerException {
        return new Command.Create(force, form, Configs.read(in, form));
    }

    private static Command readRestart(DerReader in) throws DerException {
        int offset = in.offset();
        int number = Tag.number(in.peek());
        int outer = in.openContext();
        Command restart =
                switch (number) {
                    case 0 ->
                            nothing(
                                    in,
                                    new Command.Restart(
                                            Form.Restart.V2_ARGUMENTS_V2, Optional.empty()));
                    case 1 -> restart(in, Form.Restart.V2_ARGUMENTS_V0);
                    case 2 -> restart(in, Form.Restart.V2_ARGUMENTS_V1);
                    case 3 -> restart(in, Form.Restart.V2_ARGUMENTS_V2);
                    default -> throw new DerException(offset, "unknown arguments [" + number + "]");
                };
        in.close(outer);
        return restart;
    }

    private static Command restart(DerReader in, Form.Restart form) throws DerException {
        return new Command.Restart(form, Optional.of(Configs.readArguments(in, form)));
    }

    private static Command readPolicies(DerReader in, int number, int offset) throws DerException {
        return switch (number) {
            case 0 -> nothing(in, new Command.PolicyInfo());
            case 1 -> new Command.PolicyAdd(Configs.readPolicy(in));
            case 2 -> nothing(in, new Command.PolicyRemove());
            default -> throw new DerException(offset, "unknown policy command [" + number + "]");
        };
    }

    private static Command readBlock(DerReader in, int number, int offset) throws DerException {
        return switch (number) {
            case 0 -> nothing(in, new Command.BlockInfo());
            case 1 -> new Command.BlockAdd(in.readInteger());
            case 2 -> nothing(in, new Command.BlockRemove());
            case 3 -> {
                int outer = in.openSequence();
                var add =
                        new Command.BlockAddOld(
                                in.readInteger(),
                                in.readBoolean(),
                                in.nextIs(Tag.OCTETS)
                                        ? Optional.of(in.readOctets())
                                        : Optional.empty());
                in.close(outer);
                yield add;
            }
            case 4 -> {
                int outer = in.openSequence();
                var set = new Command.BlockSetOld(in.readBoolean(), in.readOctets());
                in.close(outer);
                yield set;
            }
            case 5 -> new Command.BlockDumpOld(in.readInteger());
            case 6 -> new Command.BlockDump(in.readInteger());
            case 7 -> new Command.BlockSet(in.readBoolean());
            case Extension.DUMP_FROM -> Extension.levelled(in, Command.BlockDumpFrom::new);
            case Extension.SET_FROM -> Extension.readSetFrom(in);
            case Extension.HELD -> nothing(in, new Command.BlockHeld());
            default -> throw new DerException(offset, "unknown block command [" + number + "]");
        };
    }

    static void write(DerWriter out, Command command) {
        int mark = out.mark();
        int family =
                switch (command) {
                    case Command.Console console -> writeConsole(out, mark, console);
                    case Command.Statistics statistics -> writeStatistics(out, mark, statistics);
                    case Command.Unikernel unikernel -> writeUnikernel(out, mark, unikernel);
                    case Command.Policies policies -> writePolicies(out, mark, policies);
                    case Command.Block block -> writeBlock(out, mark, block);
                };
        out.context(family, mark);
    }

    private static void nothing(DerWriter out, int mark, int number) {
        out.writeNull();
        out.context(number, mark);
    }

    private static int writeConsole(DerWriter out, int mark, Command.Console command) {
        switch (command) {
            case Command.ConsoleAdd(var rings) -> {
                rings.ifPresentOrElse(out::writeInteger, out::writeNull);
                out.context(0, mark);
            }
            case Command.ConsoleSubscribe(var utc, var history) -> {
                switch (history) {
                    case Command.History.Since(var time) -> {
                        writeTime(out, utc, time);
                        out.context(0, mark);
                    }
                    case Command.History.Count(var lines) -> {
                        out.writeInteger(lines);
                        out.context(1, mark);
                    }
                }
                out.context(utc ? 1 : 2, mark);
            }
            case Command.ConsoleListInactive() -> nothing(out, mark, 3);
        }
        return 0;
    }

    static void writeTime(DerWriter out, boolean utc, Instant time) {
        if (utc) {
            Times.writeUtc(out, time);
        } else {
            Times.writeGeneralized(out, time);
        }
    }

    private static int writeStatistics(DerWriter out, int mark, Command.Statistics command) {
        switch (command) {
            case Command.StatsAdd(var vmmdev, var pid, var taps) -> {
                out.writeList(Tag.SEQUENCE, taps, Commands::writeTap);
                out.writeInteger(pid);
                out.writeText(vmmdev);
                out.sequence(mark);
                out.context(0, mark);
            }
            case Command.StatsRemove() -> nothing(out, mark, 1);
            case Command.StatsSubscribe() -> nothing(out, mark, 2);
            case Command.StatsInitial() -> nothing(out, mark, 3);
        }
        return 1;
    }

    private static void writeTap(DerWriter out, Command.Tap tap) {
        int mark = out.mark();
        out.writeText(tap.tap());
        out.writeText(tap.bridge());
        out.sequence(mark);
    }

    private static int writeUnikernel(DerWriter out, int mark, Command.Unikernel command) {
        switch (command) {
            case Command.UnikernelInfo(var form) -> nothing(out, mark, form.commandTag());
            case Command.Create(var force, var form, var config) -> {
                Configs.write(out, form, config);
                out.context(force ? form.forceCreateTag() : form.createTag(), mark);
            }
            case Command.Destroy() -> nothing(out, mark, 3);
            case Command.GetImage(var form, var level) -> {
                switch (form) {
                    case V1 -> nothing(out, mark, 6);
                    case V2 -> nothing(out, mark, 8);
                    case V3 -> {
                        out.writeInteger(level);
                        out.context(11, mark);
                    }
                }
            }
            case Command.GetImageFrom(var level, var from) -> {
                Extension.writeLevelled(out, level, from);
                out.context(Extension.GET_FROM, mark);
            }
            case Command.Restart(var form, var arguments) -> {
                if (form == Form.Restart.V1) {
                    nothing(out, mark, 12);
                } else {
                    arguments.ifPresentOrElse(
                            a -> {
                                Configs.writeArguments(out, form, a);
                                out.context(argumentsTag(form), mark);
                            },
                            () -> nothing(out, mark, 0));
                    out.context(14, mark);
                }
            }
        }
        return 3;
    }

    private static int argumentsTag(Form.Restart form) {
        return switch (form) {
            case V1, V2_ARGUMENTS_V0 -> 1;
            case V2_ARGUMENTS_V1 -> 2;
            case V2_ARGUMENTS_V2 -> 3;
        };
    }

    private static int writePolicies(DerWriter out, int mark, Command.Policies command) {
        switch (command) {
            case Command.PolicyInfo() -> nothing(out, mark, 0);
            case Command.PolicyAdd(var policy) -> {
                Configs.writePolicy(out, policy);
                out.context(1, mark);
            }
            case Command.PolicyRemove() -> nothing(out, mark, 2);
        }
        return 4;
    }

    private static int writeBlock(DerWriter out, int mark, Command.Block command) {
        switch (command) {
            case Command.BlockInfo() -> nothing(out, mark, 0);
            case Command.BlockAdd(var size) -> {
                out.writeInteger(size);
                out.context(1, mark);
            }
            case Command.BlockRemove() -> nothing(out, mark, 2);
            case Command.BlockAddOld(var size, var compressed, var data) -> {
                data.ifPresent(out::writeOctets);
                out.writeBoolean(compressed);
                out.writeInteger(size);
                out.sequence(mark);
                out.context(3, mark);
            }
            case Command.BlockSetOld(var compressed, Bytes data) -> {
                out.writeOctets(data);
                out.writeBoolean(compressed);
                out.sequence(mark);
                out.context(4, mark);
            }
            case Command.BlockDumpOld(var level) -> {
                out.writeInteger(level);
                out.context(5, mark);
            }
            case Command.BlockDump(var level) -> {
                out.writeInteger(level);
                out.context(6, mark);
            }
            case Command.BlockSet(var compressed) -> {
                out.writeBoolean(compressed);
                out.context(7, mark);
            }
            case Command.BlockDumpFrom(var level, var from) -> {
                Extension.writeLevelled(out, level, from);
                out.context(Extension.DUMP_FROM, mark);
            }
            case Command.BlockSetFrom(var compressed, var from) -> {
                Extension.writePrefix(out, from);
                out.writeBoolean(compressed);
                out.sequence(mark);
                out.context(Extension.SET_FROM, mark);
            }
            case Command.BlockHeld() -> nothing(out, mark, Extension.HELD);
        }
        return 5;
    }
}
