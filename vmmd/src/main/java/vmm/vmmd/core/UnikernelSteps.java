package vmm.vmmd.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.MacAddress;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Resources;
import vmm.core.UnikernelConfig;
import vmm.core.UnikernelInfo;
import vmm.vmmd.core.Unikernel.Next;
import vmm.vmmd.core.Unikernel.Phase;
import vmm.wire.Command;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Success;

/** {@code info, create, destroy, get, restart} as they are asked (BEHAVIOUR 6). */
final class UnikernelSteps {
    private UnikernelSteps() {}

    static void asked(Plan plan, Client client, Command.Unikernel command, Instant at) {
        Name name = client.header().name();
        switch (command) {
            case Command.UnikernelInfo(var form) ->
                    plan.reply(client, info(plan.state(), client, form));
            case Command.Create create -> CreateSteps.asked(plan, client, name, create);
            case Command.Destroy() -> destroy(plan, client, name, at);
            case Command.GetImage _, Command.GetImageFrom _ -> get(plan, client, name, command);
            case Command.Restart restart -> CreateSteps.restart(plan, client, name, restart, at);
        }
    }

    // info

    static Message info(State state, Client client, Form.Info form) {
        Name at = meant(state, client);
        List<Unikernel> found = asked(state, at);
        Success answer =
                form == Form.Info.V1
                        ? new Success.Unikernels(named(at, found, u -> withoutImage(u.spec())))
                        : new Success.Info(form, named(at, found, u -> info(state, u)));
        return Message.done(client.header(), answer);
    }

    /** AV3 and AV4 do not tell a unikernel from a path (BEHAVIOUR 3). */
    private static Name meant(State state, Client client) {
        Name name = client.header().name();
        return client.header().version() == Header.Version.AV5 || state.unikernel(name).isPresent()
                ? name
                : Name.of(new Path(name.labels()));
    }

    /** The one of this name, or all at and below the path. */
    private static List<Unikernel> asked(State state, Name name) {
        Optional<Unikernel> exact = state.unikernel(name);
        if (exact.isPresent()) {
            return List.of(exact.get());
        }
        if (!name.isPath()) {
            return List.of();
        }
        return state.unikernels().values().stream()
                .filter(u -> name.path().contains(u.name().path()))
                .toList();
    }

    private interface Shown<T> {
        T of(Unikernel unikernel);
    }

    private static <T> List<Success.Named<T>> named(
            Name asked, List<Unikernel> found, Shown<T> shown) {
        var all = new ArrayList<Success.Named<T>>();
        for (Unikernel u : found) {
            Name name = u.name().equals(asked) ? asked : u.name().relativeTo(asked.path());
            all.add(new Success.Named<>(name, shown.of(u)));
        }
        return all;
    }

    private static UnikernelConfig withoutImage(Unikernel.Spec spec) {
        return new UnikernelConfig(spec.typ(), false, Bytes.EMPTY, spec.arguments());
    }

    private static UnikernelInfo info(State state, Unikernel u) {
        Arguments a = u.spec().arguments();
        var blocks = new ArrayList<UnikernelInfo.Block>();
        a.blocks()
                .forEach(
                        b ->
                                blocks.add(
                                        new UnikernelInfo.Block(
                                                b.name(),
                                                b.hostDevice(),
                                                b.sectorSize()
                                                        .orElse(
                                                                vmm.core.BlockDevice
                                                                        .SECTOR_BYTES_DEFAULT),
                                                size(state, u.name(), b.hostDevice()))));
        var nets = new ArrayList<UnikernelInfo.Net>();
        a.networks()
                .forEach(
                        n ->
                                nets.add(
                                        new UnikernelInfo.Net(
                                                n.name(),
                                                n.hostBridge(),
                                                n.mac()
                                                        .orElse(
                                                                MacAddress.derived(
                                                                        n.name(), u.name())))));
        return new UnikernelInfo(
                u.spec().typ(),
                a.startup(),
                a.fail(),
                a.cpuids(),
                a.memoryMiB(),
                u.spec().digest(),
                blocks,
                nets,
                a.argv(),
                u.run().map(Unikernel.Run::since),
                a.cpus(),
                a.linuxBootPartition());
    }

    private static long size(State state, Name unikernel, String device) {
        return vmm.core.Label.problem(device).isPresent()
                ? 0
                : state.resources()
                        .block(unikernel.sibling(vmm.core.Label.of(device)))
                        .map(Resources.BlockState::sizeMiB)
                        .orElse(0L);
    }

    // get

    private static void get(Plan plan, Client client, Name name, Command.Unikernel get) {
        Optional<Unikernel> found = plan.state().unikernel(name);
        if (found.isEmpty()) {
            plan.failed(client, "get: not found");
            return;
        }
        plan.add(new Job.SendImage(client, found.get().spec(), get));
    }

    // destroy

    private static void destroy(Plan plan, Client client, Name name, Instant at) {
        Optional<Unikernel> found = plan.state().unikernel(name);
        if (found.isEmpty()) {
            plan.failed(client, "destroy: not found");
            return;
        }
        Unikernel u = found.get();
        switch (u.phase()) {
            case Phase.Running(var run) ->
                    LifeSteps.end(plan, u, run, new Next.Forget(List.of(client)), at);
            case Phase.Paused(var run) ->
                    LifeSteps.end(plan, u, run, new Next.Forget(List.of(client)), at);
            case Phase.Ending(var run, var killAt, var next) -> {
                plan.become(
                        plan.state()
                                .with(
                                        u.with(
                                                new Phase.Ending(
                                                        run, killAt, forget(plan, next, client)))));
                dropReplacement(plan, name, next);
            }
            case Phase.Cleaning(var next) -> {
                plan.become(
                        plan.state().with(u.with(new Phase.Cleaning(forget(plan, next, client)))));
                dropReplacement(plan, name, next);
            }
            case Phase.Waiting _, Phase.Parked _ ->
                    LifeSteps.forget(
                            plan, u, List.of(client), "destroyed: removed from restarting");
            case Phase.Starting(_, _, _, _) ->
                    plan.failed(client, "destroy: " + name + " is just being started, try again");
        }
    }

    /** What was to follow is on the disk: not any more. */
    private static void dropReplacement(Plan plan, Name name, Next next) {
        if (next instanceof Next.Replace(_, _, var spec, _)) {
            plan.rewrite(name);
            CreateSteps.dropUnused(plan, spec.digest());
        }
    }

    /** What was to follow does not any more; who waited for it is told. */
    private static Next forget(Plan plan, Next before, Client client) {
        var clients = new ArrayList<Client>();
        switch (before) {
            case Next.Forget(var waiting) -> clients.addAll(waiting);
            case Next.Replace(var waiting, _, _, _) ->
                    plan.failed(waiting, "it was destroyed meanwhile");
            case Next.StartAgain _, Next.BackOff _, Next.Park _ -> {}
        }
        clients.add(client);
        return new Next.Forget(clients);
    }
}
