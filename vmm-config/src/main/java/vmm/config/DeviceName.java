package vmm.config;

import java.util.Optional;
import vmm.core.image.Device;

/** The name of a device that a tender attaches: 1 to 67 letters and digits. */
public record DeviceName(String text) {
    public DeviceName {
        Optional<String> why = Device.problem(text);
        if (why.isPresent()) {
            throw new ConfigException("the device '" + text + "': " + why.get());
        }
    }

    static Device device(String name, Device.Kind kind) {
        return new Device(new DeviceName(name).text(), kind);
    }

    @Override
    public String toString() {
        return text;
    }
}
