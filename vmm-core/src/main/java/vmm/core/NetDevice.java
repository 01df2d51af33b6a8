package vmm.core;

import java.util.Optional;

/**
 * A network device as a unikernel asks for it.
 *
 * @param name what the unikernel calls it
 * @param bridge the host's bridge; absent: the same as {@code name}
 * @param mac absent: {@link MacAddress#derived}
 */
public record NetDevice(String name, Optional<String> bridge, Optional<MacAddress> mac) {
    public String hostBridge() {
        return bridge.orElse(name);
    }
}
