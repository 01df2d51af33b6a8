package vmm.client;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import vmm.core.Arguments;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Form;
import vmm.wire.Header;

/**
 * A release of albatross whose servers are spoken to in the forms that they know.
 *
 * @param number 2.5.1 is 20501
 */
record Release(int number) {
    /** What is spoken unless told otherwise: the newest form of everything. */
    static final Release NEWEST = new Release(99_99_99);

    static final class OfText implements ITypeConverter<Release> {
        private static final int FIRST = 1_00_00;
        private static final int LAST = 2_99_99;

        @Override
        public Release convert(String text) {
            if (!text.matches("[0-9]{1,2}\\.[0-9]{1,2}(\\.[0-9]{1,2})?")) {
                throw new TypeConversionException(
                        "'" + text + "' is no release: write it as 2.5.0");
            }
            String[] parts = (text + ".0").split("\\.", -1);
            int major = Integer.parseInt(parts[0]);
            int minor = Integer.parseInt(parts[1]);
            int number = (major * 1_00_00) + (minor * 1_00) + Integer.parseInt(parts[2]);
            if (number < FIRST || number > LAST) {
                throw new TypeConversionException(
                        "release " + text + " is not known: they go from 1.0 to 2.7");
            }
            return new Release(number);
        }
    }

    Header header(Name name) {
        var version = number >= 1_05_00 ? Header.Version.AV5 : Header.Version.AV4;
        return new Header(version, 0, name);
    }

    Form.Info info() {
        if (number >= 2_07_00) {
            return Form.Info.V6;
        }
        if (number >= 2_06_00) {
            return Form.Info.V5;
        }
        if (number >= 2_04_00) {
            return Form.Info.V4;
        }
        if (number >= 2_01_00) {
            return Form.Info.V3;
        }
        return number >= 1_01_00 ? Form.Info.V2 : Form.Info.V1;
    }

    Form.Config config() {
        if (number >= 2_07_00) {
            return Form.Config.V5;
        }
        if (number >= 2_06_00) {
            return Form.Config.V4;
        }
        return number >= 1_01_00 ? Form.Config.V3 : Form.Config.V2;
    }

    Form.Get get() {
        if (number >= 1_05_00) {
            return Form.Get.V3;
        }
        return number >= 1_01_00 ? Form.Get.V2 : Form.Get.V1;
    }

    Form.Restart restart() {
        if (number >= 2_07_00) {
            return Form.Restart.V2_ARGUMENTS_V2;
        }
        if (number >= 2_06_00) {
            return Form.Restart.V2_ARGUMENTS_V1;
        }
        return number >= 2_04_00 ? Form.Restart.V2_ARGUMENTS_V0 : Form.Restart.V1;
    }

    /** One of each that knows less than the one before it. */
    private static final List<Release> STEPS =
            IntStream.of(2_06_02, 2_05_01, 2_04_01, 2_00_00, 1_04_03, 1_00_01)
                    .mapToObj(Release::new)
                    .toList();

    /** The newest of older releases whose servers are told {@code command} in other bytes. */
    Optional<Release> older(Command command) {
        return STEPS.stream()
                .filter(step -> step.number < number)
                .filter(step -> !step.forms(command).equals(forms(command)))
                .filter(step -> step.missing(command).isEmpty())
                .findFirst();
    }

    private List<Object> forms(Command command) {
        Header.Version version = header(Name.ROOT).version();
        return switch (command) {
            case Command.UnikernelInfo _ -> List.of(version, info());
            case Command.Create _ -> List.of(version, config(), streams());
            case Command.GetImage _ -> List.of(version, get());
            case Command.Restart _ -> List.of(version, restart());
            case Command.BlockSet _,
                    Command.BlockSetOld _,
                    Command.BlockDump _,
                    Command.BlockDumpOld _ ->
                    List.of(version, streams());
            default -> List.of(version);
        };
    }

    /** Says what servers of this release cannot do of {@code command}; empty if they can. */
    Optional<String> missing(Command command) {
        if (number == NEWEST.number) {
            return Optional.empty();
        }
        return switch (command) {
            case Command.ConsoleListInactive _ -> since(2_06_01, "telling inactive consoles");
            // Since 1.5.5 they take it, and then wait until the unikernel ends by itself.
            case Command.Restart _ -> since(2_04_00, "restart (destroy and create do the same)");
            case Command.Create(_, _, var config) -> missing(config.arguments());
            case Command.BlockDumpOld _, Command.BlockSetOld _ ->
                    since(1_03_00, "copying what is on a block device");
            case Command.GetImage(_, var level) when level > 0 ->
                    since(1_05_00, "compressing an image");
            default -> Optional.empty();
        };
    }

    private Optional<String> missing(Arguments arguments) {
        if (arguments.cpuids().size() > 1) {
            return since(2_07_00, "more than one --cpu");
        }
        if (arguments.startup().isPresent()) {
            return since(2_06_00, "--startup");
        }
        boolean named = arguments.networks().stream().anyMatch(net -> net.mac().isPresent());
        if (named) {
            return since(1_05_01, "a MAC address of one's own");
        }
        if (arguments.blocks().stream().anyMatch(b -> b.sectorSize().isPresent())) {
            return since(1_05_03, "a sector size");
        }
        boolean devices = arguments.blocks().stream().anyMatch(b -> b.device().isPresent());
        return devices ? since(1_01_00, "a block device of another name") : Optional.empty();
    }

    private Optional<String> since(int first, String what) {
        return number >= first
                ? Optional.empty()
                : Optional.of(
                        "servers of release "
                                + this
                                + " cannot do this: "
                                + what
                                + " came with "
                                + new Release(first));
    }

    @Override
    public String toString() {
        return (number / 1_00_00) + "." + (number / 1_00 % 1_00) + "." + (number % 1_00);
    }

    /** Whether a block device's content, and over TLS an image, comes and goes in chunks. */
    boolean streams() {
        return number >= 2_05_00;
    }

    boolean utcConsole() {
        return number < 2_01_00;
    }
}
