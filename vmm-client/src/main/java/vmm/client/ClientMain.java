package vmm.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The command {@code vmm}. */
public final class ClientMain {
    static final String VERSION = "0.1.0";

    private static final Map<String, Function<Terminal, Object>> VERBS = verbs();

    private ClientMain() {}

    @Command(
            name = "vmm",
            description = "Create, watch and destroy unikernels.",
            footer = {"", "`vmm COMMAND --help` tells the options of a command."})
    static final class Top {}

    private static Map<String, Function<Terminal, Object>> verbs() {
        var verbs = new LinkedHashMap<String, Function<Terminal, Object>>();
        verbs.put("info", Unikernels.Info::new);
        verbs.put("create", Unikernels.CreateOne::new);
        verbs.put("restart", Unikernels.RestartOne::new);
        verbs.put("destroy", Unikernels.DestroyOne::new);
        verbs.put("get", Unikernels.Get::new);
        verbs.put("console", Consoles.Show::new);
        verbs.put("inactive-consoles", Consoles.Inactive::new);
        verbs.put("policy", Policies.Show::new);
        verbs.put("add-policy", Policies.Add::new);
        verbs.put("remove-policy", Policies.Remove::new);
        verbs.put("block", Blocks.Show::new);
        verbs.put("create-block", Blocks.Create::new);
        verbs.put("set-block", Blocks.Set::new);
        verbs.put("dump-block", Blocks.Dump::new);
        verbs.put("destroy-block", Blocks.Destroy::new);
        verbs.put("stats", Statistics.Show::new);
        verbs.put("stats-add", Statistics.Add::new);
        verbs.put("stats-remove", Statistics.Remove::new);
        verbs.put("generate", Pki.Generate::new);
        verbs.put("sign", Pki.Sign::new);
        verbs.put("certificate", Pki.Present::new);
        verbs.put("enrol", Delegation.Enrol::new);
        verbs.put("delegate", Delegation.Delegate::new);
        verbs.put("revoke", Delegation.Revoke::new);
        verbs.put("lint", Delegation.Look::new);
        verbs.put("inspect-dump", StateFiles.Inspect::new);
        verbs.put("extract-dump", StateFiles.Extract::new);
        verbs.put("pause", Controls.Pause::new);
        verbs.put("resume", Controls.Resume::new);
        verbs.put("limits", Controls.Limits::new);
        verbs.put("events", Controls.Events::new);
        verbs.put("update", Update::new);
        verbs.put("apply", Apply::new);
        verbs.put("config", Config::new);
        verbs.put("top", TopScreen::new);
        verbs.put("doctor", Doctor::new);
        verbs.put("completion", Completion.Script::new);
        verbs.put(Manual.VERB, Manual::new);
        verbs.put("wire", Wire::new);
        return verbs;
    }

    static void main(String[] arguments) {
        Terminal terminal = Terminal.ofProcess();
        if (terminal.environment().containsKey("VMM_TRAIN")) {
            Training.run(terminal, arguments);
            return;
        }
        int exit = run(terminal, arguments);
        if (exit != ExitCode.OK) { // To end with 0 one returns: the JDK would look for a logger.
            System.exit(exit);
        }
    }

    /** Runs one command; everything it has to say is flushed when this returns. */
    static int run(Terminal terminal, String... arguments) {
        int exit = asked(terminal, arguments);
        terminal.out().flush();
        terminal.err().flush();
        return exit == ExitCode.OK && terminal.out().checkError()
                ? ExitCode.COMMUNICATION_FAILED
                : exit;
    }

    private static int asked(Terminal terminal, String... arguments) {
        return arguments.length > 0 && arguments[0].equals(Completion.WORDS)
                ? Completion.print(terminal, List.of(arguments).subList(1, arguments.length))
                : execute(terminal, arguments);
    }

    /** The command named first is built alone where it is known: all of them cost time. */
    private static int execute(Terminal terminal, String... arguments) {
        Function<Terminal, Object> make = arguments.length == 0 ? null : VERBS.get(arguments[0]);
        if (make == null) {
            return set(terminal, new CommandLine(everything(terminal))).execute(arguments);
        }
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        if (make.apply(terminal) instanceof Plain plain
                && plain.common().takePlain(List.of(rest))) {
            return execute(terminal, plain);
        }
        CommandSpec alone = spec(make.apply(terminal)).name("vmm " + arguments[0]);
        return set(terminal, new CommandLine(alone)).execute(rest);
    }

    private static int execute(Terminal terminal, Plain command) {
        try {
            return command.call();
        } catch (ClientFailure | RuntimeException e) {
            return failed(terminal, e);
        }
    }

    /** One command, or empty if there is none of that name. */
    static Optional<CommandSpec> verb(Terminal terminal, String name) {
        return Optional.ofNullable(VERBS.get(name)).map(make -> spec(make.apply(terminal)));
    }

    private static CommandSpec everything(Terminal terminal) {
        CommandSpec top = spec(new Top());
        for (String name : VERBS.keySet()) {
            verb(terminal, name).ifPresent(verb -> top.addSubcommand(name, verb));
        }
        top.subcommands()
                .forEach(
                        (name, verb) ->
                                verb.getCommandSpec().usageMessage().hidden(isHidden(name)));
        return top;
    }

    private static CommandSpec spec(Object command) {
        return CommandSpec.forAnnotatedObject(command)
                .mixinStandardHelpOptions(true)
                .version(versionText());
    }

    private static CommandLine set(Terminal terminal, CommandLine line) {
        line.setAbbreviatedOptionsAllowed(true);
        line.registerConverter(Long.class, new Spelling.OfNumber());
        line.registerConverter(long.class, new Spelling.OfNumber());
        line.setAbbreviatedSubcommandsAllowed(true);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        line.setOut(new java.io.PrintWriter(terminal.out(), true, UTF_8));
        line.setErr(new java.io.PrintWriter(terminal.err(), true, UTF_8));
        line.setParameterExceptionHandler((wrong, _) -> usage(terminal, wrong));
        line.setExecutionExceptionHandler((e, _, _) -> failed(terminal, e));
        return line;
    }

    private static String versionText() {
        return "vmm " + VERSION + ", protocol version 5";
    }

    private static int usage(Terminal terminal, ParameterException wrong) {
        String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
        String why =
                wrong.getCause() instanceof IndexOutOfBoundsException
                        ? "neither '-' nor an empty word can stand here: name what is meant"
                        : String.valueOf(wrong.getMessage()).lines().findFirst().orElse("");
        terminal.say("vmm: " + why + " (see " + name + " --help)");
        return ExitCode.USAGE;
    }

    private static int failed(Terminal terminal, Exception e) {
        if (e instanceof ClientFailure failure) {
            failure.line().lines().limit(1).forEach(line -> terminal.say("vmm: " + line));
            return failure.exit();
        }
        terminal.say("vmm: internal error, please report it: " + e);
        return ExitCode.INTERNAL;
    }

    private static boolean isHidden(String verb) {
        return verb.equals(Manual.VERB);
    }

    /** All commands, for the manual and for completion. */
    static List<String> verbNames() {
        return VERBS.keySet().stream().filter(verb -> !isHidden(verb)).toList();
    }
}
