package vmm.vmmd.core;

import java.util.ArrayList;
import java.util.Optional;
import vmm.core.Name;
import vmm.core.Resources;
import vmm.wire.Command;
import vmm.wire.Message;
import vmm.wire.Success;

/** {@code block add, remove, info} (BEHAVIOUR 7). */
final class BlockSteps {
    private BlockSteps() {}

    static void asked(Plan plan, Client client, Command.Block command) {
        Name name = client.header().name();
        switch (command) {
            case Command.BlockInfo() -> info(plan, client, name);
            case Command.BlockAdd(var size) -> add(plan, client, name, command, size);
            case Command.BlockAddOld(var size, _, var data) -> {
                if (data.filter(d -> !d.isEmpty()).isPresent()) {
                    plan.failed(client, "content of block devices is not supported yet");
                } else {
                    add(plan, client, name, command, size);
                }
            }
            case Command.BlockRemove() -> remove(plan, client, name);
            case Command.BlockSetOld _,
                    Command.BlockSet _,
                    Command.BlockDump _,
                    Command.BlockDumpOld _ ->
                    plan.failed(client, "content of block devices is not supported yet");
        }
    }

    private static void info(Plan plan, Client client, Name name) {
        var found = new ArrayList<Success.BlockDevice>();
        plan.state()
                .resources()
                .blocksBelow(name.path())
                .forEach(
                        (device, block) -> {
                            boolean exact = device.equals(name);
                            if (name.isPath() || exact) {
                                found.add(
                                        new Success.BlockDevice(
                                                exact ? device : device.relativeTo(name.path()),
                                                block.sizeMiB(),
                                                block.usedBy().isPresent()));
                            }
                        });
        plan.reply(client, Message.done(client.header(), new Success.BlockDevices(found)));
    }

    private static void add(Plan plan, Client client, Name name, Command.Block command, long size) {
        Optional<String> why = problem(name);
        if (why.isPresent()) {
            plan.failed(client, why.get());
            return;
        }
        switch (plan.state().resources().addBlock(name, size)) {
            case Resources.Taken.Refused(var reason) -> plan.failed(client, reason);
            case Resources.Taken.Of(var next) ->
                    plan.become(plan.state().with(next)).add(new Job.Block(client, command, size));
        }
    }

    private static Optional<String> problem(Name name) {
        return name.isPath()
                ? Optional.of("a block device needs a name, '" + name + "' is a path")
                : name.fileProblem();
    }

    private static void remove(Plan plan, Client client, Name name) {
        if (name.isPath()) {
            plan.failed(client, "remove block: not found");
            return;
        }
        long size =
                plan.state().resources().block(name).map(Resources.BlockState::sizeMiB).orElse(0L);
        switch (plan.state().resources().removeBlock(name)) {
            case Resources.Taken.Refused(var why) -> plan.failed(client, "remove block: " + why);
            case Resources.Taken.Of(var next) ->
                    plan.become(plan.state().with(next))
                            .add(new Job.Block(client, new Command.BlockRemove(), size));
        }
    }

    /** The file is there, or gone; if not, the resources are as they were before. */
    static void done(Plan plan, Input.BlockDone done) {
        Name name = done.client().header().name();
        boolean removed = done.command() instanceof Command.BlockRemove;
        if (done.problem().isEmpty()) {
            plan.done(done.client(), removed ? "removed block" : "added block device");
            return;
        }
        Resources resources = plan.state().resources();
        if (removed) {
            plan.become(plan.state().with(resources.withBlock(name, done.sizeMiB())));
        } else if (resources.removeBlock(name) instanceof Resources.Taken.Of(var before)) {
            plan.become(plan.state().with(before));
        }
        plan.failed(done.client(), done.problem().get());
    }
}
