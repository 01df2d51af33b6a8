package vmm.client;

import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page vmm(1), from the same source as the options. */
@Command(name = Manual.VERB, description = "Print the manual page vmm(1).")
final class Manual implements Callable<Integer> {
    static final String VERB = "manual-page";

    private static final String HEAD =
            """
            .TH VMM 1 "" "vmmd" "User Commands"
            .SH NAME
            vmm \\- create, watch and destroy unikernels
            .SH SYNOPSIS
            .B vmm
            .I COMMAND
            .RI [ OPTIONS ]
            .SH DESCRIPTION
            .B vmm
            asks the daemons vmmd(8), vmm\\-console(8) and vmm\\-stats(8) over their Unix sockets.
            It takes the commands, options and defaults of albatross\\-client.
            Names are written as path:to:unikernel, paths with a colon at their end.
            .PP
            .B vmm demo
            shows the whole suite, in a checkout.
            .SH COMMANDS
            """;

    private static final String TAIL =
            """
            .SH EXIT STATUS
            .TP
            0
            success
            .TP
            116
            a chain of certificates could not be made or used
            .TP
            117
            the daemon refused, or closed without an answer
            .TP
            118
            HTTP failed
            .TP
            119, 120
            the local or the remote side was not authenticated
            .TP
            121
            the connection broke, or what came is not understood
            .TP
            122
            nobody could be connected to
            .TP
            124
            wrong usage
            .TP
            125
            internal error
            .TP
            130
            interrupted
            .SH ENVIRONMENT
            .TP
            .B VMM_TMPDIR
            where the daemons keep their sockets, unless \\-\\-tmpdir says otherwise
            .TP
            .B NO_COLOR
            no colours
            .SH SEE ALSO
            vmmd(8), vmm\\-console(8), vmm\\-stats(8), vmm\\-supervisor(8)
            """;

    private static final Set<Class<?>> COMMON = Set.of(SharedOptions.class, RemoteOptions.class);

    private final Terminal terminal;

    Manual(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out().print(page(terminal));
        return ExitCode.OK;
    }

    static String page(Terminal terminal) {
        var page = new StringBuilder(HEAD);
        for (String name : ClientMain.verbNames()) {
            ClientMain.verb(terminal, name).ifPresent(verb -> verb(page, name, verb));
        }
        page.append(".SH COMMON OPTIONS\n");
        ClientMain.verb(terminal, "info").ifPresent(verb -> options(page, verb, true));
        return page.append(TAIL).toString();
    }

    private static void verb(StringBuilder page, String name, CommandSpec verb) {
        String parameters =
                verb.positionalParameters().stream()
                        .map(Manual::parameter)
                        .collect(Collectors.joining(" "));
        page.append(".SS ").append(escaped((name + " " + parameters).strip())).append('\n');
        for (String line : verb.usageMessage().description()) {
            page.append(escaped(line)).append('\n');
        }
        for (PositionalParamSpec parameter : verb.positionalParameters()) {
            if (parameter.description().length > 0) {
                item(page, "I", parameter.paramLabel(), parameter.description());
            }
        }
        options(page, verb, false);
    }

    private static String parameter(PositionalParamSpec parameter) {
        String label = parameter.paramLabel();
        String many = parameter.arity().max() > 1 && label.indexOf(' ') < 0 ? "..." : "";
        return parameter.arity().min() == 0 ? "[" + label + "]" : label + many;
    }

    private static void options(StringBuilder page, CommandSpec verb, boolean common) {
        for (OptionSpec option : verb.options()) {
            if (!option.hidden() && isCommon(option) == common) {
                String names = Stream.of(option.names()).collect(Collectors.joining(", "));
                boolean value = option.arity().max() > 0;
                item(
                        page,
                        "B",
                        value ? names + " " + option.paramLabel() : names,
                        option.description());
            }
        }
    }

    private static boolean isCommon(OptionSpec option) {
        boolean shared =
                option.userObject() instanceof java.lang.reflect.Field field
                        && COMMON.contains(field.getDeclaringClass());
        return shared || option.usageHelp() || option.versionHelp();
    }

    private static void item(StringBuilder page, String font, String head, String[] lines) {
        page.append(".TP\n.").append(font).append(" \"").append(escaped(head)).append("\"\n");
        for (String line : lines) {
            page.append(escaped(line)).append('\n');
        }
    }

    private static String escaped(String text) {
        String plain = text.replace("${COMPLETION-CANDIDATES}", "one of the words named");
        return plain.replace("\\", "\\e").replace("-", "\\-").replaceFirst("^([.'])", "\\\\&$1");
    }
}
