package vmm.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import vmm.client.wire.WireLines;

/** The command for who debugs the wire: hexadecimal lines in, JSON objects out. */
@Command(
        name = "wire",
        description = "Decode messages: reads lines `[wire|state|cert] HEX`, prints JSON.")
final class Wire implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "decode", description = "what to do")
    String direction = "";

    Wire(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientFailure {
        if (!direction.equals("decode")) {
            throw ClientFailure.usage("'" + direction + "': this version can only `wire decode`");
        }
        try (var in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.isBlank()) {
                    terminal.out().println(WireLines.decode(line));
                }
            }
        } catch (IOException e) {
            throw ClientFailure.communication("cannot read standard input: " + e.getMessage());
        }
        return ExitCode.OK;
    }
}
