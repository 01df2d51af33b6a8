package vmm.client;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.core.Name;

/** The commands about block devices. */
final class Blocks {
    private Blocks() {}

    @Command(name = "block", description = "Show block devices.")
    static final class Show implements Callable<Integer> {
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
        public Integer call() throws ClientFailure {
            return new Desk(terminal, common).ask(name, new vmm.wire.Command.BlockInfo());
        }
    }

    @Command(name = "create-block", description = "Create a block device, filled with zeros.")
    static final class Create implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "BLOCK-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        @Parameters(index = "1", paramLabel = "BLOCK-SIZE", description = "in MB")
        long size;

        Create(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            return new Desk(terminal, common).ask(name, new vmm.wire.Command.BlockAdd(size));
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
