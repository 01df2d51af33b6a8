package vmm.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vmm.client.files.Reason;
import vmm.core.Arguments;
import vmm.core.Name;
import vmm.core.UnikernelConfig;
import vmm.wire.Decoded;
import vmm.wire.StateFile;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

/** The commands about state files of albatross, of every release. */
final class StateFiles {
    private static final long STATE_BYTES_MAX = Integer.MAX_VALUE;

    private StateFiles() {}

    /** Which file. */
    static final class Source {
        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "the state file (default: state in --dbdir)")
        @Nullable Path file;

        @Option(
                names = "--dbdir",
                paramLabel = "DIR",
                description = "where albatross keeps it (default: /var/lib/albatross)")
        Path dbdir = Path.of("/var/lib/albatross");

        StateFile read() throws ClientFailure {
            Path from = file == null ? dbdir.resolve("state") : file;
            if (Files.notExists(from)) {
                throw ClientFailure.usage("no state file at " + from + ": name one with --file");
            }
            try (FileChannel channel = FileChannel.open(from)) {
                if (channel.size() > STATE_BYTES_MAX) {
                    throw ClientFailure.usage(from + " is larger than 2 GiB");
                }
                var bytes =
                        vmm.core.Bytes.view(
                                channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
                return switch (WireCodec.decodeState(bytes)) {
                    case Decoded.Of<StateFile>(var state) -> state;
                    case Decoded.Malformed<StateFile>(var offset, var why, _) ->
                            throw ClientFailure.usage(
                                    from + " is no state file: " + why + " at byte " + offset);
                };
            } catch (IOException e) {
                throw ClientFailure.usage("cannot read " + from + ": " + Reason.of(e));
            }
        }
    }

    @Command(name = "inspect-dump", description = "Show what a state file of albatross holds.")
    static final class Inspect implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();
        @Mixin Source source = new Source();

        Inspect(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            StateFile state = source.read();
            if (common.isQuiet()) {
                state.unikernels().forEach(u -> terminal.out().println(u.name()));
            } else if (common.format == SharedOptions.Format.json) {
                terminal.out().print(Configs.json(state));
            } else {
                terminal.out().println(count(state.unikernels().size(), "unikernel"));
                Configs.table(state).print(terminal, common);
                terminal.out().println("\n" + count(state.policies().size(), "policy"));
                var policies = new Success.Policies(state.policies());
                Render.policies(policies).print(terminal, common);
            }
            return ExitCode.OK;
        }

        private static String count(int number, String what) {
            String many = what.endsWith("y") ? "policies" : what + "s";
            return number + " " + (number == 1 ? what : many) + ":";
        }
    }

    @Command(
            name = "extract-dump",
            description = "Copy the image of a unikernel out of a state file of albatross.")
    static final class Extract implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();
        @Mixin Source source = new Source();

        @Mixin FileOptions file = new FileOptions();

        Extract(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            Name name = file.name();
            Optional<UnikernelConfig> found =
                    source.read().unikernels().stream()
                            .filter(u -> u.name().equals(name))
                            .map(Success.Named::value)
                            .findFirst();
            if (found.isEmpty()) {
                throw ClientFailure.usage(name + " is not in the state file: see vmm inspect-dump");
            }
            UnikernelConfig config = found.get();
            Path target = file.target();
            Images.write(target, file.force(), config.compressed(), config.image());
            if (!common.isQuiet()) {
                terminal.out().println("dumped image to " + target);
                Arguments arguments = config.arguments();
                terminal.out()
                        .println("vmm create " + name + " " + target + Configs.options(arguments));
            }
            return ExitCode.OK;
        }
    }
}
