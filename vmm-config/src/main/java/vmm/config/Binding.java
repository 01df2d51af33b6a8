package vmm.config;

import java.util.Optional;
import java.util.OptionalLong;
import vmm.core.BlockDevice;
import vmm.core.MacAddress;
import vmm.core.NetDevice;

/** What a device is joined to on the host. */
public sealed interface Binding {
    /**
     * The other end of a network device.
     *
     * @param name the host's bridge
     * @param mac empty: derived from the names
     */
    record Bridge(String name, Optional<MacAddress> mac) implements Binding {
        public Bridge {
            if (name.isEmpty() || name.length() > 15 || name.contains("/")) {
                throw new ConfigException("'" + name + "' is no name of a bridge");
            }
        }

        public Bridge withMac(String address) {
            MacAddress.problem(address)
                    .ifPresent(
                            why -> {
                                throw new ConfigException(why);
                            });
            return new Bridge(name, Optional.of(MacAddress.parse(address)));
        }

        NetDevice of(String device) {
            return new NetDevice(device, Optional.of(name), mac);
        }
    }

    /**
     * The other end of a block device.
     *
     * @param name vmmd's block device in the unikernel's path
     * @param sectorBytes a power of two from 512 on; empty: 512
     */
    record Volume(String name, OptionalLong sectorBytes) implements Binding {
        public Volume {
            var why = vmm.core.Label.problem(vmm.core.Label.lower(name));
            if (why.isPresent()) {
                throw new ConfigException("the volume '" + name + "': " + why.get());
            }
            long bytes = sectorBytes.orElse(BlockDevice.SECTOR_BYTES_DEFAULT);
            if (bytes < BlockDevice.SECTOR_BYTES_DEFAULT || Long.bitCount(bytes) != 1) {
                throw new ConfigException(
                        "the volume '" + name + "': " + bytes + " is no size of a sector");
            }
        }

        public Volume withSectors(long bytes) {
            return new Volume(name, OptionalLong.of(bytes));
        }

        BlockDevice of(String device) {
            return new BlockDevice(device, Optional.of(name), sectorBytes);
        }
    }

    static Bridge bridge(String name) {
        return new Bridge(name, Optional.empty());
    }

    static Volume volume(String name) {
        return new Volume(name, OptionalLong.empty());
    }
}
