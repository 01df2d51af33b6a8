package vmm.client;

import static java.nio.charset.StandardCharsets.UTF_8;

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
        verbs.put(Completion.WORDS, Completion.Words::new);
        verbs.put(Manual.VERB, Manual::new);
        verbs.put("wire", Wire::new);
        return verbs;
    }

    static void main(String[] arguments) {
        Terminal terminal = Terminal.ofProcess();
        if (terminal.environment().containsKey("VMM_TRAIN")) {
            Training.run(terminal);
            return;
        }
        int exit = run(terminal, arguments);
        if (exit != ExitCode.OK) { // To end with 0 one returns: the JDK would look for a logger.
            System.exit(exit);
        }
    }

    /** Runs one command; everything it has to say is flushed when this returns. */
    static int run(Terminal terminal, String... arguments) {
        int exit = commandLine(terminal, arguments).execute(arguments);
        terminal.out().flush();
        terminal.err().flush();
        return exit == ExitCode.OK && terminal.out().checkError()
                ? ExitCode.COMMUNICATION_FAILED
                : exit;
    }

    /** One command, or empty if there is none of that name. */
    static Optional<CommandSpec> verb(Terminal terminal, String name) {
        return VERBS.containsKey(name)
                ? Optional.ofNullable(commandLine(terminal, name).getSubcommands().get(name))
                        .map(CommandLine::getCommandSpec)
                : Optional.empty();
    }

    /** With the command named first alone where it is known: the others cost time to build. */
    private static CommandLine commandLine(Terminal terminal, String... arguments) {
        var top = new CommandLine(new Top());
        Function<Terminal, Object> named = arguments.length == 0 ? null : VERBS.get(arguments[0]);
        if (named != null) {
            top.addSubcommand(arguments[0], named.apply(terminal));
        } else {
            VERBS.forEach((verb, make) -> top.addSubcommand(verb, make.apply(terminal)));
        }
        for (CommandLine verb : top.getSubcommands().values()) {
            verb.getCommandSpec().usageMessage().hidden(isHidden(verb.getCommandName()));
            verb.getCommandSpec().mixinStandardHelpOptions(true).version(versionText());
        }
        top.getCommandSpec().mixinStandardHelpOptions(true).version(versionText());
        top.setAbbreviatedOptionsAllowed(true);
        top.setAbbreviatedSubcommandsAllowed(true);
        top.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        top.setOut(new java.io.PrintWriter(terminal.out(), true, UTF_8));
        top.setErr(new java.io.PrintWriter(terminal.err(), true, UTF_8));
        top.setParameterExceptionHandler((wrong, _) -> usage(terminal, wrong));
        top.setExecutionExceptionHandler((e, _, _) -> failed(terminal, e));
        return top;
    }

    private static String versionText() {
        return "vmm " + VERSION + ", protocol version 5";
    }

    private static int usage(Terminal terminal, ParameterException wrong) {
        String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
        String why =
                wrong.getCause() instanceof IndexOutOfBoundsException
                        ? "'-' cannot stand here: name a file"
                        : String.valueOf(wrong.getMessage()).lines().findFirst().orElse("");
        terminal.say("vmm: " + why + " (see " + name + " --help)");
        return ExitCode.USAGE;
    }

    private static int failed(Terminal terminal, Exception e) {
        return switch (e) {
            case ClientFailure failure -> {
                failure.line().lines().limit(1).forEach(line -> terminal.say("vmm: " + line));
                yield failure.exit();
            }
            default -> {
                terminal.say("vmm: internal error, please report it: " + e);
                yield ExitCode.INTERNAL;
            }
        };
    }

    private static boolean isHidden(String verb) {
        return verb.equals(Completion.WORDS) || verb.equals(Manual.VERB);
    }

    /** All commands, for the manual and for completion. */
    static List<String> verbNames() {
        return VERBS.keySet().stream().filter(verb -> !isHidden(verb)).toList();
    }
}
