package vmm.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.client.wire.Dialect;
import vmm.client.wire.WireLines;

/** The command for who debugs the wire: hexadecimal lines in, JSON objects out. */
@Command(
        name = "wire",
        description = {
            "Decode or encode messages, one a line.",
            "decode: reads `[wire|state|cert] HEX`, prints {\"type\":…,\"fields\":…}"
                    + " or {\"error\":…,\"offset\":…}.",
            "encode: reads such objects, prints HEX or `error: …`."
        })
final class Wire implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "decode|encode", description = "what to do")
    String direction = "";

    @Option(
            names = "--release",
            paramLabel = "R",
            converter = Release.OfText.class,
            description = "call the forms as this release of albatross does (default: 2.7)")
    Release release = Release.NEWEST;

    Wire(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientFailure {
        var lines = new WireLines(new Dialect(release.number()));
        UnaryOperator<String> turn =
                switch (direction) {
                    case "decode" -> lines::decode;
                    case "encode" -> lines::encode;
                    default ->
                            throw ClientFailure.usage(
                                    "'" + direction + "' is neither decode nor encode");
                };
        try (var in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.isBlank()) {
                    terminal.out().println(turn.apply(line));
                }
            }
        } catch (IOException e) {
            throw ClientFailure.communication("cannot read standard input: " + e.getMessage());
        }
        return ExitCode.OK;
    }
}
