package vmm.client;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that every command has. */
final class SharedOptions {
    /** How results are printed. */
    enum Format {
        table,
        json
    }

    /** When results are coloured. */
    enum Colour {
        auto,
        always,
        never
    }

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Unix socket of the daemon; - prints the request as a hex dump")
    @Nullable String socket;

    @Mixin RemoteOptions remote = new RemoteOptions();

    @Option(
            names = "--tmpdir",
            paramLabel = "DIR",
            description = "where the daemons keep their sockets (default: /run/albatross)")
    @Nullable Path tmpdir;

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES} (default: table)")
    Format format = Format.table;

    @Option(names = "--color", description = "${COMPLETION-CANDIDATES} (default: auto)")
    Colour colour = Colour.auto;

    @Option(
            names = {"-q", "--quiet"},
            description = "no messages of success; of lists the names alone")
    boolean quiet;

    @Option(
            names = {"-v", "--verbose"},
            description = "say what is sent where")
    boolean[] verbose = {};

    @Option(
            names = "--verbosity",
            paramLabel = "LEVEL",
            description = "quiet, error, warning, info or debug")
    String verbosity = "";

    @Option(
            names = "--wire-release",
            paramLabel = "RELEASE",
            converter = Release.OfText.class,
            description = "speak as this release of albatross did, to reach an older server")
    Release release = Release.NEWEST;

    boolean isQuiet() {
        return quiet || verbosity.equals("quiet");
    }

    boolean isVerbose() {
        return verbose.length > 0 || verbosity.equals("info") || verbosity.equals("debug");
    }

    boolean coloured(Terminal terminal) {
        return switch (colour) {
            case auto -> terminal.colours() && !terminal.environment().containsKey("NO_COLOR");
            case always -> true;
            case never -> false;
        };
    }

    /**
     * Takes the options that most lines have, if there are no others: each at most once, values as
     * words of their own. False leaves {@code words} to the parser, and this half-filled.
     */
    boolean takePlain(List<String> words) {
        Iterator<String> left = words.iterator();
        while (left.hasNext()) {
            String option = left.next();
            if (!takeFlag(option)) {
                String value = left.hasNext() ? left.next() : "-";
                if (value.startsWith("-") || !takeValue(option, value)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean takeFlag(String option) {
        boolean fits = !quiet && (option.equals("-q") || option.equals("--quiet"));
        quiet |= fits;
        return fits;
    }

    private boolean takeValue(String option, String value) {
        if (option.equals("--socket") && socket == null) {
            socket = value;
        } else if (option.equals("--tmpdir") && tmpdir == null) {
            tmpdir = Path.of(value);
        } else if (option.equals("--format") && format == Format.table && value.equals("json")) {
            format = Format.json;
        } else {
            return false;
        }
        return true;
    }

    /** True where nothing is sent: the request is shown or written into a file. */
    boolean printsRequest() {
        return "-".equals(socket) || remote.sendsNothing();
    }

    /** The socket of a daemon, {@code vmmd} for example. */
    Path socket(String daemon, Terminal terminal) {
        if (socket != null) {
            return Path.of(socket);
        }
        Path folder = tmpdir != null ? tmpdir : terminal.tmpdirDefault();
        return folder.resolve("util").resolve(daemon + ".sock");
    }
}
