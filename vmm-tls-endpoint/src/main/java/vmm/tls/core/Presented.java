package vmm.tls.core;

import java.util.List;
import java.util.Optional;
import vmm.core.Bytes;

/**
 * What counts of one certificate once its chain has been checked.
 *
 * @param commonNames of its subject, in their order
 * @param extension the value of {@link vmm.wire.CertExtension#OID}
 */
public record Presented(List<String> commonNames, Optional<Bytes> extension) {
    public Presented {
        commonNames = List.copyOf(commonNames);
    }
}
