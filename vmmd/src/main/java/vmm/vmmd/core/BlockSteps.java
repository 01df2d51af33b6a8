package vmm.vmmd.core;

import java.util.ArrayList;
import java.util.Optional;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Resources;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Success;

/** Block devices: a job does the work, and the device is busy meanwhile (BEHAVIOUR 7). */
final class BlockSteps {
    private BlockSteps() {}

    static void asked(Plan plan, Client client, Command.Block command) {
        Name name = client.header().name();
        switch (command) {
            case Command.BlockInfo() -> plan.reply(client, info(plan.state(), client));
            case Command.BlockAdd(var size) -> add(plan, client, name, command, size);
            case Command.BlockAddOld(var size, _, _) -> add(plan, client, name, command, size);
            case Command.BlockRemove() -> work(plan, client, command, "remove", "being removed");
            case Command.BlockSetOld _, Command.BlockSet _, Command.BlockSetFrom _ ->
                    work(plan, client, command, "set", "being written");
            case Command.BlockHeld _ -> work(plan, client, command, "set", "being read");
            case Command.BlockDump _, Command.BlockDumpOld _, Command.BlockDumpFrom _ ->
                    work(plan, client, command, "dump", "being read");
        }
    }

    static Message info(State state, Client client) {
        Name name = client.header().name();
        Resources resources = state.resources();
        boolean exact = !name.isPath() && resources.block(name).isPresent();
        boolean all = name.isPath() || client.header().version() != Header.Version.AV5;
        var found = new ArrayList<Success.BlockDevice>();
        if (exact) {
            found.add(shown(name, resources.block(name).get()));
        } else if (all) {
            // AV3 and AV4 do not tell a device from a path (BEHAVIOUR 3).
            var path = new Path(name.labels());
            resources
                    .blocksBelow(path)
                    .forEach((device, b) -> found.add(shown(device.relativeTo(path), b)));
        }
        return Message.done(client.header(), new Success.BlockDevices(found));
    }

    private static Success.BlockDevice shown(Name name, Resources.BlockState block) {
        return new Success.BlockDevice(name, block.sizeMiB(), block.usedBy().isPresent());
    }

    private static void add(
            Plan plan, Client client, Name name, Command.Block command, long sizeMiB) {
        Optional<String> why =
                name.isPath()
                        ? Optional.of("a block device needs a name, '" + name + "' is a path")
                        : name.fileProblem();
        if (why.isPresent()) {
            plan.failed(client, why.get());
            return;
        }
        switch (plan.state().resources().addBlock(name, sizeMiB)) {
            case Resources.Taken.Refused(var reason) -> plan.failed(client, reason);
            case Resources.Taken.Of(var next) -> {
                plan.become(plan.state().with(next));
                start(plan, client, command, sizeMiB, "being made");
            }
        }
    }

    private static void work(
            Plan plan, Client client, Command.Block command, String verb, String what) {
        Name name = client.header().name();
        Optional<Resources.BlockState> block =
                name.isPath() ? Optional.empty() : plan.state().resources().block(name);
        String busy = plan.state().busyBlocks().get(name);
        if (block.isEmpty()) {
            plan.failed(client, verb + " block: not found");
        } else if (block.get().usedBy().isPresent()) {
            plan.failed(client, verb + " block: is in use");
        } else if (busy != null) {
            plan.failed(client, verb + " block: is " + busy + ", try again");
        } else {
            start(plan, client, command, block.get().sizeMiB(), what);
        }
    }

    private static void start(
            Plan plan, Client client, Command.Block command, long sizeMiB, String what) {
        Name name = client.header().name();
        plan.become(plan.state().withBusyBlocks(plan.state().busyBlocks().plus(name, what)));
        plan.add(new Job.Block(client, command, sizeMiB));
    }

    /** The job ended; if it failed, the resources are as they were before. */
    static void done(Plan plan, Input.BlockDone done) {
        Client client = done.client();
        Name name = client.header().name();
        plan.become(plan.state().withBusyBlocks(plan.state().busyBlocks().minus(name)));
        boolean ok = done.problem().isEmpty();
        Optional<String> answer =
                switch (done.command()) {
                    case Command.BlockAdd _, Command.BlockAddOld _ -> {
                        if (!ok) {
                            removed(plan, name);
                        }
                        yield Optional.of("added block device");
                    }
                    case Command.BlockRemove() -> {
                        if (ok) {
                            removed(plan, name);
                        }
                        yield Optional.of("removed block");
                    }
                    case Command.BlockSet _, Command.BlockSetOld _, Command.BlockSetFrom _ ->
                            Optional.of("set block device");
                    case Command.BlockDump _,
                            Command.BlockDumpOld _,
                            Command.BlockDumpFrom _,
                            Command.BlockHeld _,
                            Command.BlockInfo _ ->
                            Optional.empty();
                };
        done.problem()
                .ifPresentOrElse(
                        why -> plan.failed(client, why),
                        () -> answer.ifPresent(what -> plan.done(client, what)));
    }

    private static void removed(Plan plan, Name name) {
        switch (plan.state().resources().removeBlock(name)) {
            case Resources.Taken.Of(var next) -> plan.become(plan.state().with(next));
            case Resources.Taken.Refused(var why) ->
                    throw new IllegalStateException("busy block device " + name + " " + why);
        }
    }
}
