package vmm.client.wire;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import vmm.wire.Form;

/**
 * What a release of albatross calls the forms that it knows, and which fields it shows of them.
 *
 * @param release 2.5.1 is 20501
 */
public record Dialect(int release) {
    /** The names and fields of 2.7 and later. */
    public static final Dialect NEWEST = new Dialect(99_99_99);

    private static final Pattern VERSION =
            Pattern.compile("([0-9]{1,2})\\.([0-9]{1,2})\\.([0-9]{1,2})");

    private static final int NUMBERED_INFO = 2_01_00;
    private static final int HOST_DEVICES = 2_04_00;
    private static final int BLOCK_STREAMS = 2_05_00;
    private static final int STARTUP = 2_06_00;
    private static final int CPUIDS = 2_07_00;

    /** The first release that shows all of {@code form}. */
    static Dialect showing(Form.Config form) {
        return switch (form) {
            case V1, V2 -> new Dialect(1_00_00);
            case V3 -> new Dialect(HOST_DEVICES);
            case V4 -> new Dialect(STARTUP);
            case V5 -> NEWEST;
        };
    }

    /** The release that an object says it is of; this one where it says none. */
    Dialect or(Given object) {
        if (!object.has("version")) {
            return this;
        }
        var numbers = VERSION.matcher(object.plain("version"));
        if (!numbers.matches()) {
            throw new IllegalArgumentException("'version' is no release such as 2.5.0");
        }
        int number = 0;
        for (int i = 1; i <= 3; i++) {
            number = (number * 100) + Integer.parseInt(numbers.group(i));
        }
        return new Dialect(number);
    }

    /** The form that this release calls {@code unikernel_info}. */
    Form.Info info() {
        if (release >= CPUIDS) {
            return Form.Info.V6;
        }
        if (release >= STARTUP) {
            return Form.Info.V5;
        }
        if (release >= HOST_DEVICES) {
            return Form.Info.V4;
        }
        if (release >= NUMBERED_INFO) {
            return Form.Info.V3;
        }
        return release >= 1_01_00 ? Form.Info.V2 : Form.Info.V1;
    }

    /** The form of this release's {@code unikernel_create}. */
    Form.Config config() {
        if (release >= CPUIDS) {
            return Form.Config.V5;
        }
        if (release >= STARTUP) {
            return Form.Config.V4;
        }
        return release >= 1_01_00 ? Form.Config.V3 : Form.Config.V2;
    }

    /** The form of this release's state file. */
    Form.State state() {
        return switch (config()) {
            case V5 -> Form.State.V6;
            case V4 -> Form.State.V5;
            case V1, V2 -> Form.State.V2;
            case V3 -> release >= 2_02_00 ? Form.State.V4 : Form.State.V3;
        };
    }

    /** Whether {@code form} needs fields that this release does not show. */
    boolean shows(Form.Config form) {
        return form.compareTo(config()) <= 0;
    }

    boolean showsCpuids() {
        return release >= CPUIDS;
    }

    /** Whether names are shown as they are spelled; later releases lower them. */
    boolean keepsCase() {
        return release < CPUIDS;
    }

    boolean showsStartup() {
        return release >= STARTUP;
    }

    /** Whether an info's devices are those of the host, with sizes and addresses. */
    boolean showsHostDevices() {
        return release >= HOST_DEVICES;
    }

    boolean showsStarted() {
        return release >= NUMBERED_INFO;
    }

    boolean showsRestartArguments() {
        return release >= HOST_DEVICES;
    }

    String infoCommand(Form.Info form) {
        return info(form, NUMBERED_INFO);
    }

    String infoReply(Form.Info form) {
        return info(form, HOST_DEVICES);
    }

    private String info(Form.Info form, int numbered) {
        if (form == info()) {
            return "unikernel_info";
        }
        return release < numbered && form.compareTo(info()) < 0
                ? "old_unikernel_info"
                : "old_unikernel_info" + form.name().substring(1);
    }

    /** The form of a type's name, the reverse of {@link #infoCommand}; null if it names none. */
    Form.@Nullable Info infoCommand(String type) {
        return info(type, true);
    }

    /** The form of a type's name, the reverse of {@link #infoReply}; null if it names none. */
    Form.@Nullable Info infoReply(String type) {
        return info(type, false);
    }

    private Form.@Nullable Info info(String type, boolean command) {
        for (Form.Info form : Form.Info.values()) {
            if (type.equals(command ? infoCommand(form) : infoReply(form))) {
                return form;
            }
        }
        return null;
    }

    String unikernels() {
        return release >= 1_01_00 ? "old_unikernels" : "unikernels";
    }

    /** The form of {@code unikernel_get} that has no level, for a release that knows no other. */
    Form.Get plainGet() {
        return release >= 1_01_00 ? Form.Get.V2 : Form.Get.V1;
    }

    /** Whether {@code unikernel_get} has a level; an older form is then read as level 0. */
    boolean hasGetLevel() {
        return release >= 1_03_00;
    }

    /** Whether this release subscribes in UTCTime and calls that by its plain name. */
    boolean utcConsole() {
        return release < NUMBERED_INFO;
    }

    /** What the whole-image form of a block command or reply is called. */
    String oldBlock(String name) {
        return release >= BLOCK_STREAMS ? "old_" + name : name;
    }

    boolean hasBlockStreams() {
        return release >= BLOCK_STREAMS;
    }
}
