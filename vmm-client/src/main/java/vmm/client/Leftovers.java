package vmm.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import vmm.core.Name;
import vmm.core.Path;
import vmm.wire.Success;

/**
 * What the paths of a declaration hold beyond it. A policy declares all below its path; a unikernel
 * or block device declares its own path alone.
 */
record Leftovers(Host host, Declared declared) {
    /** Unikernels first, since they use the devices; policies last, the deepest first. */
    List<Change.Leftover> all() {
        var all = new ArrayList<Change.Leftover>();
        for (var unikernel : host.unikernels()) {
            if (isDeclared(unikernel.name().path()) && !declares(unikernel.name())) {
                all.add(new Change.Leftover.Runs(unikernel.name(), unikernel.value()));
            }
        }
        for (Success.BlockDevice device : host.blocks()) {
            if (isDeclared(device.name().path()) && !declaresDevice(device.name())) {
                all.add(new Change.Leftover.Device(device.name(), device.sizeMiB()));
            }
        }
        host.resources().policiesBelow(Path.ROOT).entrySet().stream()
                .filter(policy -> isBelowLimit(policy.getKey()) && !declares(policy.getKey()))
                .sorted(Comparator.comparingInt(policy -> -policy.getKey().depth()))
                .map(policy -> new Change.Leftover.Limit(policy.getKey(), policy.getValue()))
                .forEach(all::add);
        return all;
    }

    private boolean isDeclared(Path path) {
        return isBelowLimit(path) || names().anyMatch(name -> name.path().equals(path));
    }

    private boolean isBelowLimit(Path path) {
        return declared.limits().stream().anyMatch(limit -> limit.path().contains(path));
    }

    private Stream<Name> names() {
        return Stream.concat(
                declared.unikernels().stream().map(Declared.Unikernel::name),
                declared.devices().stream().map(Declared.Device::name));
    }

    private boolean declares(Name unikernel) {
        return declared.unikernels().stream().anyMatch(u -> u.name().equals(unikernel));
    }

    private boolean declaresDevice(Name device) {
        return declared.devices().stream().anyMatch(d -> d.name().equals(device));
    }

    private boolean declares(Path limited) {
        return limited.isRoot()
                || declared.limits().stream().anyMatch(limit -> limit.path().equals(limited));
    }
}
