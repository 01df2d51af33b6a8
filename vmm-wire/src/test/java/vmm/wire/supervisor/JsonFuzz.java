package vmm.wire.supervisor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A fuzz target: bodies of the Supervisor contract. Its main writes what a fuzzer starts from. */
public final class JsonFuzz {
    private JsonFuzz() {}

    /** Reads a body of one kind. */
    private interface Parser {
        Object parse(byte[] json) throws JsonException;
    }

    private static final List<Parser> PARSERS =
            List.of(
                    ConfigureRequest::parse,
                    CycleResponse::parse,
                    DomainRecord::parse,
                    DomainRequest::parse,
                    DomainsResponse::parse,
                    Event::parse,
                    ExecRequest::parse,
                    ExecResponse::parse,
                    FreezeRequest::parse,
                    KillRequest::parse,
                    LimitsRequest::parse,
                    LogRecord::parse,
                    ProfileRequest::parse,
                    StartResponse::parse,
                    StopRequest::parse,
                    SupervisorError::parse,
                    TerminateRequest::parse);

    public static void fuzzerTestOneInput(byte[] bytes) {
        for (Parser parser : PARSERS) {
            try {
                Objects.requireNonNull(parser.parse(bytes));
            } catch (JsonException refused) {
                Objects.requireNonNull(refused.getMessage());
            }
        }
    }

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int number = 0;
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        JsonFuzz.class.getResourceAsStream("golden.txt")),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int start = line.indexOf('{');
                if (start >= 0) {
                    number++;
                    Files.writeString(folder.resolve("" + number), line.substring(start));
                }
            }
        }
    }
}
