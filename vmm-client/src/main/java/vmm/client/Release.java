package vmm.client;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import vmm.core.Name;
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
        @Override
        public Release convert(String text) {
            if (!text.matches("[0-9]{1,2}\\.[0-9]{1,2}(\\.[0-9]{1,2})?")) {
                throw new TypeConversionException(
                        "'" + text + "' is no release: write it as 2.5.0");
            }
            String[] parts = (text + ".0").split("\\.", -1);
            int major = Integer.parseInt(parts[0]);
            int minor = Integer.parseInt(parts[1]);
            return new Release((major * 1_00_00) + (minor * 1_00) + Integer.parseInt(parts[2]));
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

    /** Whether a block device's content comes and goes in chunks. */
    boolean blocksAsStreams() {
        return number >= 2_05_00;
    }

    boolean utcConsole() {
        return number < 2_01_00;
    }
}
