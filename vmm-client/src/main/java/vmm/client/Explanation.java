package vmm.client;

import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.core.Resources;
import vmm.core.Usage;

/**
 * What may still be made at a path: each policy from the root down to it, what is used of it, what
 * is left, and the least of all, for every one of them counts.
 */
record Explanation(Path path, Resources resources) {
    private static final String NONE = "none";

    void print(Terminal terminal, SharedOptions common) {
        var table = new Table("POLICY OF", "UNIKERNELS", "MEMORY", "BLOCK", "CPUS", "BRIDGES");
        boolean limited = false;
        for (Path above : Host.ancestors(path)) {
            var policy = resources.policy(above);
            if (policy.isPresent()) {
                limited = true;
                row(table, above, policy.get(), resources.used(above));
            }
        }
        if (!limited) {
            terminal.out().println("no policy applies at " + path + ": nothing is limited");
            return;
        }
        left(table);
        table.print(terminal, common);
    }

    private static void row(Table table, Path at, Policy policy, Usage used) {
        table.row(
                at.toString(),
                used.unikernels() + " of " + Units.count(policy.unikernels()),
                Units.memory(used.memoryMiB()) + " of " + Units.memory(policy.memoryMiB()),
                policy.blockMiB().isEmpty()
                        ? NONE
                        : Units.memory(used.blockMiB())
                                + " of "
                                + Units.memory(policy.blockMiB().getAsLong()),
                Units.cpus(policy.cpuids()),
                Units.list(policy.bridges()));
    }

    private void left(Table table) {
        long unikernels = Policy.UNLIMITED;
        long memory = Policy.UNLIMITED;
        OptionalLong block = OptionalLong.of(Policy.UNLIMITED);
        SortedSet<Long> cpus = new TreeSet<>();
        SortedSet<String> bridges = new TreeSet<>();
        boolean first = true;
        for (Path above : Host.ancestors(path)) {
            var found = resources.policy(above);
            if (found.isEmpty()) {
                continue;
            }
            Policy policy = found.get();
            Usage used = resources.used(above);
            unikernels = Math.min(unikernels, rest(policy.unikernels(), used.unikernels()));
            memory = Math.min(memory, rest(policy.memoryMiB(), used.memoryMiB()));
            block =
                    block.isEmpty() || policy.blockMiB().isEmpty()
                            ? OptionalLong.empty()
                            : OptionalLong.of(
                                    Math.min(
                                            block.getAsLong(),
                                            rest(policy.blockMiB().getAsLong(), used.blockMiB())));
            if (first) {
                cpus.addAll(policy.cpuids());
                bridges.addAll(policy.bridges());
            } else {
                cpus.retainAll(policy.cpuids());
                bridges.retainAll(policy.bridges());
            }
            first = false;
        }
        table.row(
                "left at " + path,
                Units.count(unikernels),
                Units.memory(memory),
                block.isEmpty() ? NONE : Units.memory(block.getAsLong()),
                Units.cpus(cpus),
                Units.list(bridges));
    }

    private static long rest(long allowed, long used) {
        return allowed >= Policy.UNLIMITED ? allowed : Math.max(0, allowed - used);
    }
}
