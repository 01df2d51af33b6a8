package vmm.client;

import java.util.Optional;
import vmm.core.Arguments;
import vmm.core.Claim;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.Resources;
import vmm.core.UnikernelConfig;

/** Asks whether something could be done, and does nothing. */
record DryRun(Terminal terminal, SharedOptions common) {
    /** The image has been looked at: now the name, the policies and the block devices. */
    int create(Name name, boolean force, UnikernelConfig config) throws ClientFailure {
        Host host = Host.ask(new Desk(terminal, common));
        Optional<String> why = refusal(host, name, force, config);
        if (why.isPresent()) {
            throw ClientFailure.remote(why.get());
        }
        if (!common.isQuiet()) {
            String instead =
                    host.unikernel(name).isPresent() ? ", in place of the one there is" : "";
            terminal.out().println("would create " + name + instead);
            new Explanation(name.path(), host.resources()).print(terminal, common);
        }
        return ExitCode.OK;
    }

    static Optional<String> refusal(Host host, Name name, boolean force, UnikernelConfig config) {
        Resources tree = host.resources();
        if (host.unikernel(name).isPresent()) {
            if (!force) {
                return Optional.of(name + " exists: add --force to replace it");
            }
            tree = tree.release(name);
        }
        Optional<String> problem = deviceProblem(config.arguments());
        if (problem.isPresent()) {
            return problem;
        }
        return switch (tree.claim(name, Claim.of(config.arguments()))) {
            case Resources.Taken.Of _ -> Optional.empty();
            case Resources.Taken.Refused(var why) -> Optional.of(why);
        };
    }

    /** Says which block device can be none, or is empty if all can be. */
    static Optional<String> deviceProblem(Arguments arguments) {
        return arguments.blocks().stream()
                .flatMap(block -> Label.problem(Label.lower(block.hostDevice())).stream())
                .findFirst();
    }
}
