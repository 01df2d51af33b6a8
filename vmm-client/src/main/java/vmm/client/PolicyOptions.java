package vmm.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import vmm.core.Policy;

/** The options that make a policy. */
final class PolicyOptions {
    static final long MEMORY_MIB_DEFAULT = 512;

    @Option(names = "--mem", description = "memory in MB (default: 512)")
    long memory = MEMORY_MIB_DEFAULT;

    @Option(names = "--cpu", description = "CPU id, may be repeated (default: 0)")
    List<Long> cpuids = new ArrayList<>();

    @Option(
            names = {"--block", "--size"},
            description = "block storage in MB (default: none)")
    @Nullable Long block;

    @Option(
            names = {"--bridge", "--network"},
            description = "bridge that may be used, may be repeated")
    List<String> bridges = new ArrayList<>();

    /** With how many unikernels may run. */
    Policy toPolicy(long unikernels) throws ClientFailure {
        var policy =
                Policy.of(
                        cpuids.isEmpty() ? List.of(0L) : cpuids,
                        unikernels,
                        memory,
                        block == null ? OptionalLong.empty() : OptionalLong.of(block),
                        bridges);
        Optional<String> unusable = policy.unusable();
        if (unusable.isPresent()) {
            throw ClientFailure.usage(unusable.get());
        }
        return policy;
    }
}
