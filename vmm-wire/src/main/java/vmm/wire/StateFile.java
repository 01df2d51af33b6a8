package vmm.wire;

import java.util.List;
import vmm.core.Policy;
import vmm.core.UnikernelConfig;

/**
 * albatross's {@code DB/state}: {@code State ::= CHOICE { v1 [0] … v6 [6] }}, one value, no frame.
 */
public record StateFile(
        List<Success.Named<UnikernelConfig>> unikernels, List<Success.Named<Policy>> policies) {
    public StateFile {
        unikernels = List.copyOf(unikernels);
        policies = List.copyOf(policies);
    }
}
