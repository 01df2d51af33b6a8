package vmm.core;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A block device as a unikernel asks for it.
 *
 * @param name what the unikernel calls it
 * @param device the host's device in the unikernel's path; absent: the same as {@code name}
 * @param sectorSize in bytes, a power of two from 512 on; absent: 512
 */
public record BlockDevice(String name, Optional<String> device, OptionalLong sectorSize) {
    public static final long SECTOR_BYTES_DEFAULT = 512;

    public String hostDevice() {
        return device.orElse(name);
    }
}
