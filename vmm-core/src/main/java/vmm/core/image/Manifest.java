package vmm.core.image;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import vmm.core.Text;

/** The devices that an image declares, out of its manifest note. */
final class Manifest {
    static final int ENTRIES_MAX = 64;
    private static final int PAD_BYTES = 4;
    private static final int HEADER_BYTES = 8;
    private static final int ENTRY_BYTES = 104;
    private static final int NAME_BYTES = 68;
    private static final int ATTACHED_AT = 96;
    private static final int RESERVED = 0x40000000;

    private Manifest() {}

    /** The devices without the reserved first entry: handle 1 is index 0. */
    static List<Device> devices(ByteBuffer note) throws ImageRefusal {
        int size = note.remaining() - PAD_BYTES;
        if (size < HEADER_BYTES) {
            throw new ImageRefusal("the Solo5 manifest note does not fall within valid size");
        }
        if (note.getInt(PAD_BYTES) != 1) {
            throw new ImageRefusal("the Solo5 manifest has an unknown version");
        }
        int entries = note.getInt(PAD_BYTES + 4);
        if (entries < 1 || entries > ENTRIES_MAX) {
            throw new ImageRefusal("the Solo5 manifest has an impossible number of entries");
        }
        if (size != HEADER_BYTES + (entries * ENTRY_BYTES)) {
            throw new ImageRefusal("the Solo5 manifest has another size than its entries");
        }
        var devices = new ArrayList<Device>();
        for (int i = 0; i < entries; i++) {
            int at = PAD_BYTES + HEADER_BYTES + (i * ENTRY_BYTES);
            if (note.get(at + NAME_BYTES - 1) != 0 || note.get(at + ATTACHED_AT) != 0) {
                throw new ImageRefusal("an entry of the Solo5 manifest is malformed");
            }
            if (i == 0) {
                checkReserved(note, at);
            } else {
                add(devices, note, at);
            }
        }
        return devices;
    }

    private static void checkReserved(ByteBuffer note, int at) throws ImageRefusal {
        if (note.getInt(at + NAME_BYTES) != RESERVED || note.get(at) != 0) {
            throw new ImageRefusal("the Solo5 manifest's first entry is not the reserved one");
        }
    }

    private static void add(List<Device> devices, ByteBuffer note, int at) throws ImageRefusal {
        String name = name(note, at);
        Device.Kind kind =
                switch (note.getInt(at + NAME_BYTES)) {
                    case 1 -> Device.Kind.BLOCK;
                    case 2 -> Device.Kind.NET;
                    default -> throw new ImageRefusal("a device has an unknown type");
                };
        Optional<String> problem = Device.problem(name);
        if (problem.isPresent()) {
            throw new ImageRefusal(problem.get());
        }
        for (Device other : devices) {
            if (other.name().equals(name)) {
                throw new ImageRefusal("two devices are named '" + name + "'");
            }
        }
        devices.add(new Device(name, kind));
    }

    private static String name(ByteBuffer note, int at) {
        int length = 0;
        while (note.get(at + length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        note.get(at, bytes);
        return Text.decode(bytes, 0, length);
    }
}
