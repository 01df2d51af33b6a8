package vmm.daemon;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A daemon's command line: {@code --name=value}, {@code --name value}, and flags.
 *
 * <p>Small on purpose: a daemon has a handful of options and must start fast.
 */
public final class Options {
    /** What cmdliner, and so albatross, exits with for a wrong command line. */
    public static final int EXIT_USAGE = 124;

    /**
     * An option.
     *
     * @param value what its value is called in the help; empty for a flag
     */
    public record Option(String name, Optional<String> value, String help) {
        public static Option flag(String name, String help) {
            return new Option(name, Optional.empty(), help);
        }

        public static Option of(String name, String value, String help) {
            return new Option(name, Optional.of(value), help);
        }
    }

    /** The command line asks for the help, or is wrong: print and exit. */
    public static final class Ended extends Exception {
        private static final long serialVersionUID = 1;

        private final int exit;

        Ended(int exit, String message) {
            super(message);
            this.exit = exit;
        }

        /** Prints what there is to say and ends the process. */
        @SuppressWarnings("SystemOut")
        public void exit() {
            (exit == 0 ? System.out : System.err).println(getMessage());
            System.exit(exit);
        }

        int code() {
            return exit;
        }
    }

    private static final List<Option> COMMON =
            List.of(
                    Option.of("--tmpdir", "DIR", "sockets and fifos (default /run/albatross)"),
                    Option.flag("--systemd-socket-activation", "take the socket from systemd"),
                    Option.flag("-v", "say more"),
                    Option.flag("-q", "say less"),
                    Option.flag("--help", "show this help"),
                    Option.flag("--version", "show the version"));

    private final String program;
    private final Map<String, String> given;

    private final List<String> operands;

    private Options(String program, Map<String, String> given, List<String> operands) {
        this.program = program;
        this.given = given;
        this.operands = List.copyOf(operands);
    }

    /**
     * Parses {@code arguments}.
     *
     * @param own what this program knows beside the common options
     * @throws Ended for --help, --version and whatever is not known
     */
    public static Options parse(String program, List<Option> own, String... arguments)
            throws Ended {
        return parse(program, own, List.of(), arguments);
    }

    /**
     * As the other, with arguments that are no options.
     *
     * @param wanted what they are called; each must be given, in this order
     */
    public static Options parse(
            String program, List<Option> own, List<String> wanted, String... arguments)
            throws Ended {
        var operands = new ArrayList<String>();
        var all = new LinkedHashMap<String, Option>();
        own.forEach(o -> all.put(o.name(), o));
        COMMON.forEach(o -> all.put(o.name(), o));
        var given = new LinkedHashMap<String, String>();
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (!argument.startsWith("-") && operands.size() < wanted.size()) {
                operands.add(argument);
                continue;
            }
            int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
            String name = equals < 0 ? argument : argument.substring(0, equals);
            Option option = all.get(name);
            if (option == null) {
                throw wrong(program, "unknown option '" + name + "'");
            }
            if (option.value().isEmpty() && equals >= 0) {
                throw wrong(program, "option '" + name + "' takes no value");
            } else if (option.value().isEmpty()) {
                given.merge(name, "1", (a, b) -> a + b);
            } else if (equals >= 0) {
                given.put(name, argument.substring(equals + 1));
            } else if (++i < arguments.length) {
                given.put(name, arguments[i]);
            } else {
                throw wrong(program, "option '" + name + "' needs a value");
            }
        }
        if (given.containsKey("--help")) {
            throw new Ended(0, help(program, wanted, all));
        }
        if (given.containsKey("--version")) {
            throw new Ended(0, program + " " + version());
        }
        if (operands.size() < wanted.size()) {
            throw wrong(program, wanted.get(operands.size()) + " is missing");
        }
        return new Options(program, given, operands);
    }

    /** The value of an option is none that it takes. */
    public static Ended wrongValue(String option, String why) {
        return new Ended(EXIT_USAGE, "option '" + option + "': " + why);
    }

    private static Ended wrong(String program, String why) {
        return new Ended(EXIT_USAGE, program + ": " + why + ", try " + program + " --help");
    }

    private static String help(String program, List<String> wanted, Map<String, Option> all) {
        String usage = "Usage: " + program + " [OPTION]… " + String.join(" ", wanted);
        var text = new StringBuilder(usage.strip() + "\n");
        all.values()
                .forEach(
                        o ->
                                text.append(
                                        "  %-32s %s%n"
                                                .formatted(
                                                        o.value()
                                                                .map(v -> o.name() + "=" + v)
                                                                .orElse(o.name()),
                                                        o.help())));
        return text.toString().stripTrailing();
    }

    private static String version() {
        String version = Options.class.getPackage().getImplementationVersion();
        return version == null ? "(unpackaged)" : version;
    }

    /** For a value that is none: print and exit. */
    public Ended wrong(String why) {
        return wrong(program, why);
    }

    /** It has done what was asked: print and exit. */
    public Ended done(String said) {
        return new Ended(0, said);
    }

    public boolean has(String flag) {
        return given.containsKey(flag);
    }

    public Optional<String> value(String name) {
        return Optional.ofNullable(given.get(name));
    }

    /** A number of an option, or the default. */
    public long number(String name, long otherwise) throws Ended {
        Optional<String> value = value(name);
        if (value.isEmpty()) {
            return otherwise;
        }
        if (!value.get().matches("[0-9]{1,9}")) {
            throw wrong("option '" + name + "' needs a number, not '" + value.get() + "'");
        }
        return Long.parseLong(value.get());
    }

    /** The argument at {@code index} of those that are no options. */
    public String operand(int index) {
        return operands.get(index);
    }

    public Path tmpdir() {
        return Path.of(value("--tmpdir").orElse("/run/albatross"));
    }

    public int verbosity() {
        return value("-v").map(String::length).orElse(0)
                - value("-q").map(String::length).orElse(0);
    }

    public boolean socketActivation() {
        return has("--systemd-socket-activation");
    }
}
