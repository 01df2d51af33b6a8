package vmm.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.client.files.Reason;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.core.UnikernelInfo;
import vmm.wire.Success;

/** Replaces a running unikernel by the newest build of the same job (BEHAVIOUR 12). */
@Command(
        name = "update",
        description = "Replace a unikernel by the newest build of it, with the same arguments.")
final class Update implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin SharedOptions common = new SharedOptions();
    @Mixin CompressionOption compression = new CompressionOption();

    @Parameters(index = "0", paramLabel = "UNIKERNEL-NAME", converter = Spelling.OfName.class)
    Name name = Name.ROOT;

    @Option(
            names = "--http-host",
            paramLabel = "URL",
            description = "where images are built (default: https://builds.robur.coop)")
    String host = "https://builds.robur.coop";

    @Option(
            names = {"--dry-run", "--dryrun"},
            description = "say what there is, replace nothing")
    boolean dryRun;

    Update(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientFailure {
        int level = compression.level();
        var web = new BuilderWeb(host);
        var desk = new Desk(terminal, common);
        UnikernelInfo info = running(desk);
        BuilderWeb.Build now = web.ofDigest(info.digest());
        BuilderWeb.Build newest = web.latest(now.job());
        if (newest.uuid().equals(now.uuid())) {
            terminal.out()
                    .println(name + " is up to date: build " + now.uuid() + " of " + now.job());
            return ExitCode.OK;
        }
        terminal.out()
                .println(name + ": build " + newest.uuid() + " of " + newest.job() + " is newer");
        return dryRun
                ? ExitCode.OK
                : replace(
                        desk,
                        web,
                        newest,
                        Running.normal(name, new Running(name, info).arguments()),
                        level);
    }

    private UnikernelInfo running(Desk desk) throws ClientFailure {
        var command = new vmm.wire.Command.UnikernelInfo(common.release.info());
        if (!(desk.fetch("vmmd", name, command) instanceof Success.Info(_, var list))) {
            throw Desk.unexpected();
        }
        if (list.size() != 1) {
            throw ClientFailure.remote(name + " does not run");
        }
        return list.getFirst().value();
    }

    private int replace(
            Desk desk, BuilderWeb web, BuilderWeb.Build build, Arguments arguments, int level)
            throws ClientFailure {
        Path file = Images.fresh(name, Instant.now());
        try (var progress = new Progress(terminal, !common.isQuiet(), "fetch " + build.job(), 0)) {
            web.fetch(build, file, progress);
        }
        try {
            Bytes image = Images.read(file, arguments);
            var config =
                    new UnikernelConfig(
                            Typ.SOLO5,
                            level > 0,
                            level > 0 ? Images.compressed(image, level) : image,
                            arguments);
            return desk.ask(
                    name, new vmm.wire.Command.Create(true, common.release.config(), config));
        } finally {
            forget(file);
        }
    }

    private void forget(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            terminal.say("vmm: " + file + " is left: " + Reason.of(e));
        }
    }
}
