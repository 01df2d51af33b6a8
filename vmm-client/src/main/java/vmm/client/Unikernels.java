package vmm.client;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command.Create;
import vmm.wire.Command.Destroy;
import vmm.wire.Command.GetImage;
import vmm.wire.Command.GetImageFrom;
import vmm.wire.Command.Restart;
import vmm.wire.Command.UnikernelInfo;
import vmm.wire.Success;

/** The commands about unikernels. */
final class Unikernels {
    private static final String VMMD = "vmmd";

    private Unikernels() {}

    @Command(name = "info", description = "Show what runs.")
    static final class Info implements Plain, Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Option(
                names = {"-n", "--name"},
                converter = Spelling.OfName.class,
                description = "one unikernel, or a path ending in a colon (default: all)")
        Name name = Name.ROOT;

        @Option(
                names = "--watch",
                arity = "0..1",
                fallbackValue = "2",
                paramLabel = "SECONDS",
                description = "show it again every so often, until interrupted (default: 2)")
        @Nullable Double watch;

        Info(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public SharedOptions common() {
            return common;
        }

        @Override
        public Integer call() throws ClientFailure {
            var desk = new Desk(terminal, common);
            if (watch == null || common.printsRequest()) {
                return once(desk);
            }
            return new Watch(terminal, watch).run(() -> once(desk));
        }

        private int once(Desk desk) throws ClientFailure {
            var command = new UnikernelInfo(common.release.info());
            return desk.ask(VMMD, name, command, success -> show(desk, named(success)));
        }

        /** Servers before 2.0 leave out the name that was asked for. */
        private Success named(Success success) {
            return !name.isPath()
                            && success instanceof Success.Info(var form, var infos)
                            && infos.size() == 1
                            && infos.getFirst().name().equals(Name.ROOT)
                    ? new Success.Info(
                            form, List.of(new Success.Named<>(name, infos.getFirst().value())))
                    : success;
        }

        private void show(Desk desk, Success success) throws ClientFailure {
            boolean text = common.format == SharedOptions.Format.table && !common.isQuiet();
            if (!text || !(success instanceof Success.Info(_, var infos))) {
                desk.show(success);
            } else if (infos.isEmpty()) {
                terminal.say(
                        name.isPath() ? "vmm: nothing runs" : "vmm: " + name + " does not run");
            } else if (infos.size() == 1 && !name.isPath()) {
                var only = infos.getFirst();
                terminal.out().print(Render.info(only.name(), only.value(), Instant.now()));
            } else {
                desk.show(success);
            }
        }
    }

    @Command(name = "get", description = "Fetch the image of a unikernel.")
    static final class Get implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();
        @Mixin CompressionOption compression = new CompressionOption();

        @Mixin FileOptions file = new FileOptions();
        @Mixin Resume resume = new Resume();

        Get(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            int level = compression.level();
            var wanted =
                    new Download.Wanted(
                            file.name(),
                            "image",
                            new GetImage(common.release.get(), level),
                            have -> new GetImageFrom(level, have));
            return new Download(terminal, common).run(wanted, file, resume);
        }
    }

    @Command(name = "create", description = "Start a unikernel.")
    static final class CreateOne implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();
        @Mixin DeviceOptions devices = new DeviceOptions();
        @Mixin CompressionOption compression = new CompressionOption();

        @Parameters(index = "0", paramLabel = "UNIKERNEL-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        @Parameters(index = "1", paramLabel = "UNIKERNEL-IMAGE", description = "a file")
        Path image = Path.of("");

        @Option(
                names = {"-f", "--force"},
                description = "in place of a running one of the same name")
        boolean force;

        @Option(
                names = {"--dry-run", "--dryrun"},
                description = "check image, devices and policies; start nothing")
        boolean dryRun;

        @Option(names = "--typ", description = "solo5 or bhyve (default: solo5)")
        String typ = "solo5";

        CreateOne(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            int level = compression.level();
            checkLabel(name);
            if (dryRun) {
                return new DryRun(terminal, common).create(name, force, config(level));
            }
            var command = new Create(force, common.release.config(), config(level));
            return new Desk(terminal, common).ask(name, command);
        }

        private UnikernelConfig config(int level) throws ClientFailure {
            var arguments = devices.toArguments();
            return switch (typ.toLowerCase(Locale.ROOT)) {
                case "bhyve" -> new UnikernelConfig(Typ.BHYVE, false, Bytes.EMPTY, arguments);
                case "solo5" -> {
                    Bytes bytes = Images.read(image, arguments);
                    yield level == 0
                            ? new UnikernelConfig(Typ.SOLO5, false, bytes, arguments)
                            : new UnikernelConfig(
                                    Typ.SOLO5, true, Images.compressed(bytes, level), arguments);
                }
                default -> throw ClientFailure.usage("--typ is solo5 or bhyve, not " + typ);
            };
        }
    }

    @Command(name = "restart", description = "Stop a unikernel and start it again.")
    static final class RestartOne implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();
        @Mixin DeviceOptions devices = new DeviceOptions();

        @Parameters(index = "0", paramLabel = "UNIKERNEL-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        @Option(
                names = "--replace-arguments",
                description = "with the given options in place of those it runs with")
        boolean replace;

        RestartOne(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            checkLabel(name);
            var arguments =
                    replace
                            ? Optional.of(devices.toArguments())
                            : Optional.<vmm.core.Arguments>empty();
            var form = common.release.restart();
            return new Desk(terminal, common).ask(name, new Restart(form, arguments));
        }
    }

    @Command(name = "destroy", description = "Stop a unikernel for good.")
    static final class DestroyOne implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "UNIKERNEL-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        DestroyOne(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            return new Desk(terminal, common).ask(name, new Destroy());
        }
    }

    private static void checkLabel(Name name) throws ClientFailure {
        if (name.isPath()) {
            throw ClientFailure.usage(name + " is a path: a unikernel's name ends in a label");
        }
        Optional<String> problem = name.fileProblem();
        if (problem.isPresent()) {
            throw ClientFailure.usage(problem.get());
        }
    }
}
