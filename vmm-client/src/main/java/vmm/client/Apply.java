package vmm.client;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command.BlockAdd;
import vmm.wire.Command.BlockRemove;
import vmm.wire.Command.Create;
import vmm.wire.Command.Destroy;
import vmm.wire.Command.PolicyAdd;
import vmm.wire.Command.PolicyRemove;
import vmm.wire.Success;

/** Makes what a file declares; what is so already stays untouched. */
@Command(
        name = "apply",
        description = {
            "Make the policies, block devices and unikernels that a file declares.",
            "What is so already stays untouched, and so does what the file does not name, but for"
                    + " --prune.",
            "The file is YAML: policies (by path: unikernels, memory, block, cpus, bridges), blocks"
                    + " (by name: size, content) and unikernels (by name: image, memory, cpus, net,"
                    + " block, args, restart-on-fail, exit-codes, startup, add-name)."
        })
final class Apply implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin SharedOptions common = new SharedOptions();
    @Mixin CompressionOption compression = new CompressionOption();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            required = true,
            description = "what there should be; - reads standard input")
    Path file = Path.of("");

    @Option(
            names = {"--plan", "--dry-run", "--dryrun"},
            description = "say what would be done, in its order; do nothing")
    boolean plan;

    @Option(
            names = "--prune",
            description = {
                "also remove what the file does not name: in and below the paths of its policies,"
                        + " and in the paths of its unikernels and block devices"
            })
    boolean prune;

    @Option(
            names = {"-y", "--yes"},
            description = "remove without asking")
    boolean yes;

    Apply(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientFailure {
        int level = compression.level();
        var desk = new Desk(terminal, common);
        Declared declared = DeclarationFile.read(file);
        Host host = Host.ask(desk);
        List<Change.Leftover> leftovers = prune ? new Leftovers(host, declared).all() : List.of();
        List<Change> changes = Change.needed(host, declared, leftovers);
        if (!plan && !leftovers.isEmpty() && !mayRemove(changes)) {
            terminal.say("vmm: nothing was done");
            return ExitCode.USAGE;
        }
        for (Change change : changes) {
            if (!plan) {
                carryOut(desk, change, level);
            }
            tell(change);
        }
        int all =
                declared.limits().size() + declared.devices().size() + declared.unikernels().size();
        summary(changes, all - changes.size() + leftovers.size());
        return ExitCode.OK;
    }

    private boolean mayRemove(List<Change> changes) throws ClientFailure {
        if (yes) {
            return true;
        }
        long count = changes.stream().filter(Change.Removes.class::isInstance).count();
        if (!terminal.live() || file.toString().equals("-")) {
            throw ClientFailure.usage(
                    "--prune would remove " + count + ": look with --plan, then add --yes");
        }
        changes.stream().filter(Change.Removes.class::isInstance).forEach(this::show);
        terminal.out().print("remove " + (count == 1 ? "this" : "these " + count) + "? [y/N] ");
        terminal.out().flush();
        var typed = new Scanner(System.in, StandardCharsets.UTF_8);
        String answer = typed.hasNextLine() ? typed.nextLine() : "";
        return answer.strip().matches("(?i)y(es)?");
    }

    private void carryOut(Desk desk, Change change, int level) throws ClientFailure {
        try {
            switch (change) {
                case Change.Limits(var limit, _) ->
                        done(desk, change, new PolicyAdd(limit.policy()));
                case Change.Makes(var device) -> {
                    done(desk, change, new BlockAdd(device.sizeMiB()));
                    if (device.content().isPresent()) {
                        fill(desk, change, device.content().get(), level);
                    }
                }
                case Change.Starts(var unikernel, var image, _) -> {
                    var sent = level > 0 ? Images.compressed(image, level) : image;
                    var config =
                            new UnikernelConfig(Typ.SOLO5, level > 0, sent, unikernel.arguments());
                    var form = common.release.config();
                    done(desk, change, new Create(!change.isNew(), form, config));
                }
                case Change.Removes(Change.Leftover.Runs _) -> done(desk, change, new Destroy());
                case Change.Removes(Change.Leftover.Device _) ->
                        done(desk, change, new BlockRemove());
                case Change.Removes(Change.Leftover.Limit _) ->
                        done(desk, change, new PolicyRemove());
            }
        } catch (ClientFailure failure) {
            throw failure.about(change.kind() + " " + change.name());
        }
    }

    private static void done(Desk desk, Change change, vmm.wire.Command command)
            throws ClientFailure {
        Success _ = desk.fetch("vmmd", change.name(), command);
    }

    /** A device without its content must not look as if it were done: it is removed again. */
    private void fill(Desk desk, Change change, Path content, int level) throws ClientFailure {
        try {
            Success _ = new BlockStreams(terminal, common).send(change.name(), content, level);
        } catch (ClientFailure failure) {
            try {
                done(desk, change, new BlockRemove());
            } catch (ClientFailure second) {
                throw failure.about("destroy it before the next try, it is not filled");
            }
            throw failure;
        }
    }

    private void tell(Change change) {
        if (common.format == SharedOptions.Format.json) {
            terminal.out()
                    .print(
                            Json.object(
                                    json -> {
                                        json.writeStringProperty(
                                                "change",
                                                verb(change, "make", "replace", "remove"));
                                        json.writeStringProperty("kind", change.kind());
                                        Json.name(json, change.name());
                                        json.writeStringProperty("what", change.what());
                                        json.writeBooleanProperty("done", !plan);
                                    }));
        } else if (!common.isQuiet() || plan) {
            show(change);
        }
    }

    private void show(Change change) {
        String line =
                String.format(
                        "%s %-9s  %s  %s",
                        verb(change, "+", "~", "-"),
                        change.kind(),
                        change.name(),
                        Visible.text(change.what()));
        terminal.out().println(line);
        terminal.out().flush();
    }

    private static String verb(Change change, String makes, String replaces, String removes) {
        if (change instanceof Change.Removes) {
            return removes;
        }
        return change.isNew() ? makes : replaces;
    }

    private void summary(List<Change> changes, int unchanged) {
        if (common.format == SharedOptions.Format.json || common.isQuiet()) {
            return;
        }
        long made = changes.stream().filter(Change::isNew).count();
        long removed = changes.stream().filter(Change.Removes.class::isInstance).count();
        String figures =
                made
                        + " new, "
                        + (changes.size() - made - removed)
                        + " replaced, "
                        + (prune ? removed + " removed, " : "")
                        + unchanged
                        + " unchanged";
        terminal.out().println(plan ? "would be " + figures + "; nothing was done" : figures);
    }
}
