package vmm.client;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.core.Name;

/** The commands about block devices. */
final class Blocks {
    private Blocks() {}

    @Command(name = "block", description = "Show block devices.")
    static final class Show implements Plain, Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Option(
                names = {"-n", "--name"},
                converter = Spelling.OfName.class,
                description = "a device, or a path ending in a colon (default: all)")
        Name name = Name.ROOT;

        Show(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public SharedOptions common() {
            return common;
        }

        @Override
        public Integer call() throws ClientFailure {
            return new Desk(terminal, common).ask(name, new vmm.wire.Command.BlockInfo());
        }
    }

    @Command(name = "create-block", description = "Create a block device, filled with zeros.")
    static final class Create implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();
        @Mixin CompressionOption compression = new CompressionOption();

        @Parameters(index = "0", paramLabel = "BLOCK-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        @Parameters(index = "1", paramLabel = "BLOCK-SIZE", description = "in MB")
        long size;

        @Option(names = "--data", paramLabel = "FILE", description = "fill it with this content")
        @Nullable Path data;

        Create(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            int level = compression.level();
            int exit = new Desk(terminal, common).ask(name, new vmm.wire.Command.BlockAdd(size));
            return data == null || exit != ExitCode.OK
                    ? exit
                    : new BlockStreams(terminal, common).set(name, data, level, new Resume());
        }
    }

    @Command(name = "set-block", description = "Replace what is on a block device by a file.")
    static final class Set implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();
        @Mixin Resume resume = new Resume();
        @Mixin CompressionOption compression = new CompressionOption();

        @Parameters(index = "0", paramLabel = "BLOCK-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        @Parameters(index = "1", paramLabel = "FILE", description = "no longer than the device")
        Path file = Path.of("");

        Set(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            return new BlockStreams(terminal, common).set(name, file, compression.level(), resume);
        }
    }

    @Command(name = "dump-block", description = "Copy what is on a block device into a file.")
    static final class Dump implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();
        @Mixin Resume resume = new Resume();
        @Mixin CompressionOption compression = new CompressionOption();

        @Mixin FileOptions file = new FileOptions();

        Dump(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            int level = compression.level();
            vmm.wire.Command whole =
                    common.release.streams()
                            ? new vmm.wire.Command.BlockDump(level)
                            : new vmm.wire.Command.BlockDumpOld(level);
            var wanted =
                    new Download.Wanted(
                            file.name(),
                            "block device",
                            whole,
                            have -> new vmm.wire.Command.BlockDumpFrom(level, have));
            return new Download(terminal, common).run(wanted, file, resume);
        }
    }

    @Command(name = "destroy-block", description = "Destroy a block device and what is on it.")
    static final class Destroy implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "BLOCK-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        Destroy(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            return new Desk(terminal, common).ask(name, new vmm.wire.Command.BlockRemove());
        }
    }
}
