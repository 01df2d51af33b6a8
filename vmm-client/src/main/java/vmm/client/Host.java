package vmm.client;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import vmm.core.Claim;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Resources;
import vmm.core.UnikernelInfo;
import vmm.wire.Command;
import vmm.wire.Success;

/** What vmmd has, as it was a moment ago: policies, unikernels and block devices. */
record Host(
        List<Success.Named<UnikernelInfo>> unikernels,
        List<Success.BlockDevice> blocks,
        Resources resources) {

    static Host ask(Desk desk) throws ClientFailure {
        var info = new Command.UnikernelInfo(desk.common().release.info());
        if (!(desk.fetch("vmmd", Name.ROOT, new Command.PolicyInfo())
                        instanceof Success.Policies(var policies))
                || !(desk.fetch("vmmd", Name.ROOT, info) instanceof Success.Info(_, var infos))
                || !(desk.fetch("vmmd", Name.ROOT, new Command.BlockInfo())
                        instanceof Success.BlockDevices(var devices))) {
            throw Desk.unexpected();
        }
        Resources tree = Resources.EMPTY;
        for (var policy : policies) {
            tree = tree.withPolicy(policy.name().path(), policy.value());
        }
        for (var device : devices) {
            tree = tree.withBlock(device.name(), device.sizeMiB());
        }
        for (var unikernel : infos) {
            tree = tree.withClaim(unikernel.name(), claim(unikernel.value()));
        }
        return new Host(infos, devices, tree);
    }

    private static Claim claim(UnikernelInfo info) {
        var bridges = new TreeSet<String>();
        info.networks().forEach(net -> bridges.add(net.hostDevice()));
        return new Claim(
                info.cpuids(),
                info.memoryMiB(),
                bridges,
                info.blocks().stream()
                        .map(UnikernelInfo.Block::hostDevice)
                        .filter(device -> Label.problem(device).isEmpty())
                        .map(Label::of)
                        .toList());
    }

    Optional<UnikernelInfo> unikernel(Name name) {
        return unikernels.stream()
                .filter(u -> u.name().equals(name))
                .map(Success.Named::value)
                .findFirst();
    }

    /** The root, and every path from it down to this one. */
    static List<Path> ancestors(Path path) {
        return java.util.stream.IntStream.rangeClosed(0, path.depth())
                .mapToObj(depth -> new Path(path.labels().subList(0, depth)))
                .toList();
    }
}
