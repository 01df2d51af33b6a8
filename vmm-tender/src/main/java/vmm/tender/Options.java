package vmm.tender;

import java.util.ArrayList;
import java.util.List;

/** The command line, read the way solo5-hvt reads it. */
final class Options {
    static final String PROGRAM = "vmm-tender";
    static final int COMMAND_LINE_BYTES_MAX = 8191;
    private static final long MIB = 1L << 20;
    private static final long STEP_BYTES = 2 * MIB;
    private static final long MEMORY_BYTES_MAX = 4096 * MIB;

    private static final String USAGE =
            """
            usage: vmm-tender [ CORE OPTIONS ] [ DEVICE OPTIONS ] [ -- ] KERNEL [ ARGS ]
            KERNEL is the file name of the unikernel to run.
            ARGS are optional arguments passed to the unikernel.
            Core options:
              [ --mem=512 ] (guest memory in MB)
                --help (display this help)
                --version (display version information)
            Device options:
              [ --net:NAME=IFACE ] (attach tap IFACE as network NAME)
              [ --net-mac:NAME=HWADDR ] (set the MAC address of network NAME)
              [ --block:NAME=PATH ] (attach file or block device PATH as block storage NAME)
              [ --block-sector-size:NAME=SIZE ] (set the sector size of storage NAME)
            """;

    /** What was said of one device: {@code what} is the option's name. */
    record Device(String what, String name, String value) {}

    private final List<Device> devices = new ArrayList<>();
    private long memoryBytes = 512 * MIB;
    private String image = "";
    private String commandLine = "";
    private boolean version;

    private Options() {}

    static String usage() {
        return USAGE;
    }

    /** Reads {@code arguments}, whose characters are bytes. */
    static Options parse(String[] arguments) throws Failure {
        var options = new Options();
        int at = 0;
        while (at < arguments.length && arguments[at].startsWith("-")) {
            String argument = arguments[at++];
            if (argument.equals("--")) {
                break;
            }
            options.take(argument);
            if (options.version) {
                return options;
            }
        }
        if (at == arguments.length) {
            throw Failure.ofOption("Missing KERNEL operand");
        }
        options.image = arguments[at];
        var words = new StringBuilder();
        for (int i = at + 1; i < arguments.length; i++) {
            words.append(i == at + 1 ? "" : " ").append(arguments[i]);
        }
        if (words.length() > COMMAND_LINE_BYTES_MAX) {
            throw Failure.of(
                    "Guest command line too long (max=" + COMMAND_LINE_BYTES_MAX + " characters)");
        }
        options.commandLine = words.toString();
        return options;
    }

    private void take(String argument) throws Failure {
        int equals = argument.indexOf('=');
        int colon = argument.indexOf(':');
        if (argument.equals("--help")) {
            throw Failure.ofOption("");
        } else if (argument.equals("--version")) {
            version = true;
        } else if (argument.startsWith("--mem=")) {
            memoryBytes = memory(argument.substring(6));
        } else if (colon > 0 && equals > colon && isDeviceOption(argument.substring(0, colon))) {
            String name = argument.substring(colon + 1, equals);
            if (vmm.core.image.Device.problem(name).isPresent()
                    || equals + 1 == argument.length()) {
                throw Failure.ofOption("Malformed argument to " + argument.substring(0, colon));
            }
            devices.add(
                    new Device(argument.substring(2, colon), name, argument.substring(equals + 1)));
        } else {
            throw Failure.ofOption("Invalid option: '" + argument + "'");
        }
    }

    private static boolean isDeviceOption(String option) {
        return option.equals("--net")
                || option.equals("--net-mac")
                || option.equals("--block")
                || option.equals("--block-sector-size");
    }

    private static long memory(String text) throws Failure {
        long mib = leadingNumber(text);
        if (mib <= 0) {
            throw Failure.ofOption("Malformed argument to --mem");
        }
        return mib > (MEMORY_BYTES_MAX / MIB) ? MEMORY_BYTES_MAX + 1 : mib * MIB;
    }

    /**
     * The decimal number that {@code text} starts with; -1 without one. What follows is ignored.
     */
    static long leadingNumber(String text) {
        long number = -1;
        for (int i = 0; i < text.length() && number < 1L << 40; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                break;
            }
            number = (Math.max(number, 0) * 10) + (c - '0');
        }
        return number;
    }

    /** The memory in whole steps of 2 MiB, and a word on stderr if that is not what was asked. */
    long memoryBytes(Kernel kernel) throws Failure {
        if (memoryBytes > MEMORY_BYTES_MAX) {
            throw Failure.of(
                    "guest memory size exceeds the max size " + MEMORY_BYTES_MAX + " bytes");
        }
        long rounded = Math.max(memoryBytes / STEP_BYTES, 1) * STEP_BYTES;
        if (rounded != memoryBytes) {
            kernel.tell(2, PROGRAM + ": adjusting memory to " + rounded + " bytes\n");
        }
        return rounded;
    }

    /** What was said last with option {@code what} of device {@code name}; empty if nothing. */
    String value(String what, String name) {
        String value = "";
        for (Device device : devices) {
            if (device.what().equals(what) && device.name().equals(name)) {
                value = device.value();
            }
        }
        return value;
    }

    List<Device> devices() {
        return devices;
    }

    String image() {
        return image;
    }

    String commandLine() {
        return commandLine;
    }

    boolean version() {
        return version;
    }
}
