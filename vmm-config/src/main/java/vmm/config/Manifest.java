package vmm.config;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import vmm.core.image.Device;
import vmm.core.image.ImageReader;
import vmm.core.image.ImageResult;

/** The devices that an image declares: at most {@link #DEVICES_MAX}, each name once. */
public record Manifest(List<Device> devices) {
    /** Solo5's bound, less the reserved entry. */
    public static final int DEVICES_MAX = 63;

    public Manifest {
        devices = List.copyOf(devices);
        if (devices.size() > DEVICES_MAX) {
            throw new ConfigException(
                    "an image has at most " + DEVICES_MAX + " devices, not " + devices.size());
        }
        var seen = new HashSet<String>();
        for (Device device : devices) {
            if (!seen.add(device.name())) {
                throw new ConfigException(
                        "two devices are named '" + device.name() + "': one could not be attached");
            }
        }
    }

    /** What an image says of itself. */
    public static Manifest ofElf(Path image) throws IOException {
        try (FileChannel file = FileChannel.open(image)) {
            return switch (ImageReader.read(file)) {
                case ImageResult.Of(var solo) -> new Manifest(solo.devices());
                case ImageResult.Refused(var why) ->
                        throw new ConfigException(image + " is no Solo5 image (" + why + ")");
            };
        } catch (NoSuchFileException _) {
            throw new ConfigException("no such image: " + image);
        }
    }

    /** The form that Solo5's tools read. */
    public String json() {
        var entries = new ArrayList<String>();
        for (Device device : devices) {
            entries.add("{\"name\":\"" + device.name() + "\",\"type\":\"" + type(device) + "\"}");
        }
        return "{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":["
                + String.join(",", entries)
                + "]}\n";
    }

    static String type(Device device) {
        return switch (device.kind()) {
            case NET -> "NET_BASIC";
            case BLOCK -> "BLOCK_BASIC";
        };
    }

    /** Says in what {@code image} differs from this, or is empty if it has the same devices. */
    public Optional<String> problem(Manifest image) {
        for (Device device : devices) {
            if (!image.devices.contains(device)) {
                return Optional.of(
                        image.named(device.name()).isPresent()
                                ? "the device '"
                                        + device.name()
                                        + "' has another type in the image than "
                                        + type(device)
                                : "the image has no device '" + device.name() + "'");
            }
        }
        for (Device device : image.devices) {
            if (!devices.contains(device)) {
                return Optional.of(
                        "the image wants the device '"
                                + device.name()
                                + "', which the configuration has not");
            }
        }
        return Optional.empty();
    }

    Optional<Device> named(String name) {
        return devices.stream().filter(d -> d.name().equals(name)).findFirst();
    }

    /** The names of the devices of a kind, for messages. */
    String names(Device.Kind kind) {
        var names = new TreeSet<String>();
        devices.stream().filter(d -> d.kind() == kind).forEach(d -> names.add(d.name()));
        return names.isEmpty() ? "none" : String.join(", ", names);
    }
}
