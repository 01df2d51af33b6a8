package vmm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.config.ConfigException;
import vmm.config.Deployment;
import vmm.config.Dialect;
import vmm.config.Loaded;
import vmm.config.Loading;
import vmm.config.Machine;
import vmm.config.Project;
import vmm.config.Target;
import vmm.config.Workshop;
import vmm.core.Bytes;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command.Create;

/** The command for configurations: what a unikernel is made of, and how it is deployed. */
@Command(
        name = "config",
        description = {
            "Configure, build, plan and deploy what a configuration describes.",
            "describe and dot show its graph; configure writes main.ml and all that belongs to it;"
                    + " build runs make, clean removes it all; plan checks the image and prints"
                    + " what `vmm apply` reads; deploy creates the unikernel."
        })
final class Config implements Callable<Integer> {
    /** What is done with a configuration. */
    enum Action {
        describe,
        dot,
        configure,
        build,
        clean,
        plan,
        deploy
    }

    private final Terminal terminal;
    @Mixin SharedOptions common = new SharedOptions();

    @Parameters(
            index = "0",
            paramLabel = "ACTION",
            description = "describe, dot, configure, build, clean, plan or deploy")
    Action action = Action.describe;

    @Parameters(index = "1", paramLabel = "FILE", description = "a .java, .yaml or .ml file")
    Path file = Path.of("");

    @Option(
            names = {"-t", "--target"},
            description = {
                "unix, macosx, xen, qubes, hvt, spt, virtio, muen, genode, unikraft-firecracker or"
                        + " unikraft-qemu",
                "(default: unix; hvt for plan and deploy)"
            })
    String target = "";

    @Option(names = "--xen", description = "the same as -t xen")
    boolean xen;

    @Option(names = "--unix", description = "the same as -t unix")
    boolean unix;

    @Option(
            names = "--dialect",
            paramLabel = "RELEASE",
            description = {
                "Mirage's release to write for: 2.5, 2.5.0 (with its faults, byte for byte) or 4",
                "(default: 2.5 for unix, macosx and xen; 4 for the others)"
            })
    String dialect = "";

    @Option(names = "--compat", paramLabel = "2.5.0", description = "the same as --dialect 2.5.0")
    String compat = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "what a condition in the graph asks for (may be repeated)")
    Map<String, String> settings = Map.of();

    @Option(names = "--whole", description = "dot: all branches of conditions, too")
    boolean whole;

    @Option(names = "--opam", description = "install the packages with opam first")
    boolean opam;

    @Option(names = "--image", paramLabel = "FILE", description = "in place of the plan's image")
    @Nullable Path image;

    @Option(
            names = {"-f", "--force"},
            description = "deploy in place of a running one of the same name")
    boolean force;

    Config(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientFailure {
        try {
            return act();
        } catch (ConfigException e) {
            e.why().lines().skip(1).forEach(terminal::say);
            throw ClientFailure.usage(e.why().lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw ClientFailure.usage("cannot read or write: " + e.getMessage());
        }
    }

    private int act() throws ClientFailure, IOException {
        Target wanted = target();
        Dialect release = dialect(wanted);
        Loaded loaded = Loading.load(file, wanted, terminal.environment(), settings);
        Project project = loaded.project();
        var machine = new Machine(loaded.root(), terminal.environment());
        var workshop = new Workshop(machine, this::progress);
        switch (action) {
            case describe -> terminal.out().print(project.describe(wanted, release, machine));
            case dot ->
                    terminal.out()
                            .print(
                                    whole
                                            ? project.dotWhole(machine)
                                            : project.dot(wanted, machine));
            case configure -> workshop.configure(project, wanted, release, opam);
            case build -> workshop.build();
            case clean -> workshop.clean(project, wanted, release);
            case plan -> {
                Deployment plan = deployment(loaded);
                Path checked = plan.checkedImage(loaded.root());
                terminal.out().print(plan.withImage(checked).yaml());
            }
            case deploy -> {
                return deploy(loaded);
            }
        }
        return ExitCode.OK;
    }

    private void progress(String line) {
        if (!common.isQuiet()) {
            terminal.say(line);
        }
    }

    private Target target() throws ClientFailure {
        if (xen && unix) {
            throw ClientFailure.usage("Cannot specify --unix and --xen together.");
        }
        if (xen) {
            return Target.XEN;
        }
        if (target.isEmpty()) {
            boolean runs = action == Action.plan || action == Action.deploy;
            return runs && !unix ? Target.HVT : Target.UNIX;
        }
        return Target.of(target.toLowerCase(Locale.ROOT));
    }

    private Dialect dialect(Target wanted) throws ClientFailure {
        if (!compat.isEmpty() && !dialect.isEmpty() && !compat.equals(dialect)) {
            throw ClientFailure.usage("--compat and --dialect name two releases: say one");
        }
        String release = compat.isEmpty() ? dialect : compat;
        return release.isEmpty() ? Dialect.of(wanted) : Dialect.of(release);
    }

    private Deployment deployment(Loaded loaded) throws ClientFailure {
        Deployment plan =
                loaded.deployment()
                        .orElseThrow(
                                () ->
                                        ClientFailure.usage(
                                                file
                                                        + " says nothing of deploying: add deploy to it"));
        return image == null ? plan : plan.withImage(image.toAbsolutePath());
    }

    private int deploy(Loaded loaded) throws ClientFailure, IOException {
        Deployment plan = deployment(loaded);
        Path checked = plan.checkedImage(loaded.root());
        var arguments = plan.plan().arguments();
        Bytes bytes = Images.read(checked, arguments);
        var config = new UnikernelConfig(Typ.SOLO5, false, bytes, arguments);
        var command = new Create(force, common.release.config(), config);
        return new Desk(terminal, common).ask(plan.name(), command);
    }
}
