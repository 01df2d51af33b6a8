package vmm.client;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.core.Name;

/** What is fetched, and where to put it. */
final class FileOptions {
    @Parameters(index = "0", paramLabel = "NAME", converter = Spelling.OfName.class)
    private Name name = Name.ROOT;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "where to (default: a new file named after it in the temporary folder)")
    private @Nullable Path file;

    @Option(
            names = {"-f", "--force"},
            description = "write over a file that exists")
    private boolean force;

    Name name() {
        return name;
    }

    boolean force() {
        return force;
    }

    Path target() {
        return file == null ? Images.fresh(name, Instant.now()) : file;
    }
}
