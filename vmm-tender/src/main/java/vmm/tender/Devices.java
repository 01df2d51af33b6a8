package vmm.tender;

import java.nio.ByteBuffer;
import java.util.List;
import vmm.core.Bytes;
import vmm.core.image.Device;

/**
 * The devices that the guest was given, by handle; nothing of this is ever read from the guest.
 *
 * <p>Handle 0 is the manifest's reserved entry and no device.
 */
final class Devices {
    private static final long SECTOR_BYTES_MIN = 512;
    private static final long SECTOR_BYTES_MAX = 32_768;

    /** One attached device: a disk has {@code capacity} and sectors, an interface the rest. */
    record Attached(
            boolean net, int descriptor, long capacity, int sectorBytes, Bytes mac, int mtu) {}

    private final Attached[] byHandle;
    private final boolean anyNet;
    private final boolean anyBlock;

    private Devices(Attached[] byHandle) {
        this.byHandle = byHandle;
        boolean net = false;
        boolean block = false;
        for (int i = 1; i < byHandle.length; i++) {
            net |= byHandle[i].net();
            block |= !byHandle[i].net();
        }
        this.anyNet = net;
        this.anyBlock = block;
    }

    /** Attaches all devices that the manifest declares; each must have been given. */
    static Devices attach(Kernel kernel, List<Device> declared, Options options) throws Failure {
        for (Options.Device given : options.devices()) {
            checkDeclared(declared, given);
        }
        var attached = new Attached[declared.size() + 1];
        var missing = new StringBuilder();
        for (int i = 0; i < declared.size(); i++) {
            Device device = declared.get(i);
            boolean net = device.kind() == Device.Kind.NET;
            String what = options.value(net ? "net" : "block", device.name());
            if (what.isEmpty()) {
                missing.append("Device '")
                        .append(device.name())
                        .append("' of type ")
                        .append(net ? "NET_BASIC" : "BLOCK_BASIC")
                        .append(" declared but not attached.\n")
                        .append(Options.PROGRAM)
                        .append(": ");
            } else if (net) {
                String mac = options.value("net-mac", device.name());
                attached[i + 1] = Tap.attach(kernel, what, mac);
            } else {
                String sectors = options.value("block-sector-size", device.name());
                attached[i + 1] = block(kernel, what, sectors);
            }
        }
        if (!missing.isEmpty()) {
            throw Failure.of(missing + "All declared devices must be attached.");
        }
        return new Devices(attached);
    }

    private static void checkDeclared(List<Device> declared, Options.Device given) throws Failure {
        boolean net = given.what().startsWith("net");
        for (Device device : declared) {
            if (device.name().equals(given.name()) && (device.kind() == Device.Kind.NET) == net) {
                return;
            }
        }
        throw Failure.ofOption("Resource not declared in manifest: '" + given.name() + "'");
    }

    private static Attached block(Kernel kernel, String path, String sectors) throws Failure {
        long sectorBytes = sectors.isEmpty() ? SECTOR_BYTES_MIN : Options.leadingNumber(sectors);
        if (sectorBytes < SECTOR_BYTES_MIN
                || sectorBytes > SECTOR_BYTES_MAX
                || Long.bitCount(sectorBytes) != 1) {
            throw Failure.ofOption("Block size must be a multiple of 2 greater than or equal 512");
        }
        long descriptor = kernel.open(path, Kernel.O_RDWR);
        if (descriptor < 0) {
            throw Failure.of("Could not open block device: " + path, descriptor);
        }
        long end = 2;
        long capacity = kernel.call(Kernel.LSEEK, descriptor, 0, end);
        if (capacity < 0) {
            throw Failure.of("Could not determine the size of block device: " + path, capacity);
        }
        if (capacity < sectorBytes) {
            throw Failure.of("Backing storage must be at least 1 block");
        }
        if (capacity % sectorBytes != 0) {
            throw Failure.of(
                    "Backing storage size must be block aligned (" + sectorBytes + " bytes)");
        }
        return new Attached(false, (int) descriptor, capacity, (int) sectorBytes, Bytes.EMPTY, 0);
    }

    /** Writes entry {@code handle} of the manifest that the guest gets, at {@code at}. */
    void describe(int handle, ByteBuffer manifest, int at) {
        Attached device = byHandle[handle];
        if (device.net()) {
            manifest.put(at + 72, device.mac().toArray());
            manifest.putShort(at + 78, (short) device.mtu());
        } else {
            manifest.putLong(at + 72, device.capacity());
            manifest.putShort(at + 80, (short) device.sectorBytes());
        }
        manifest.put(at + 96, (byte) 1);
    }

    boolean hasNet() {
        return anyNet;
    }

    boolean hasBlock() {
        return anyBlock;
    }

    int count() {
        return byHandle.length;
    }

    Attached at(int handle) {
        return byHandle[handle];
    }

    /** True if {@code handle}, all 64 bits of it, is a device of that kind. */
    boolean is(long handle, boolean net) {
        return handle >= 1 && handle < byHandle.length && byHandle[(int) handle].net() == net;
    }
}
