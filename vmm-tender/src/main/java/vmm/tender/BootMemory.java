package vmm.tender;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import vmm.core.image.Device;
import vmm.core.image.Segment;
import vmm.core.image.SoloImage;

/** What the guest finds in its memory when it starts (SOLO5 3.3). */
final class BootMemory {
    static final long GDT_AT = 0x1000;
    static final long PML4_AT = 0x2000;
    static final long BOOT_INFO_AT = 0x10000;
    private static final long PDPT_AT = 0x3000;
    private static final long DIRECTORIES_AT = 0x4000;
    private static final long TABLE_AT = 0x8000;
    private static final long MANIFEST_AT = BOOT_INFO_AT + 56;
    private static final long PAGE_BYTES = 4096;
    private static final long LARGE_PAGE_BYTES = 2 << 20;
    private static final int ENTRY_BYTES = 104;
    private static final int PRESENT = 1;
    private static final int WRITABLE = 3;
    private static final int LARGE_WRITABLE = 0x83;

    private BootMemory() {}

    /** Loads the segments of the image that is open as {@code file}, and protects them. */
    static void load(Kernel kernel, GuestMemory memory, long file, SoloImage image) throws Failure {
        for (Segment segment : image.segments()) {
            long done = 0;
            while (done < segment.fileBytes()) {
                long got =
                        kernel.call(
                                Kernel.PREAD,
                                file,
                                memory.address(segment.address() + done),
                                segment.fileBytes() - done,
                                segment.fileOffset() + done,
                                0,
                                0);
                if (got <= 0 && got != Kernel.EINTR) {
                    throw Failure.of("the image is cut off");
                }
                done += Math.max(got, 0);
            }
        }
        memory.protect(kernel, image.segments());
    }

    /** Writes descriptor table and page tables: all memory one to one, the first pages guarded. */
    static void map(GuestMemory memory) {
        memory.putLong(GDT_AT + 8, 0x00af99000000ffffL);
        memory.putLong(GDT_AT + 16, 0x00cf93000000ffffL);
        memory.putLong(PML4_AT, PDPT_AT | WRITABLE);
        for (int i = 0; i < 4; i++) {
            memory.putLong(PDPT_AT + (8L * i), (DIRECTORIES_AT + (PAGE_BYTES * i)) | WRITABLE);
        }
        memory.putLong(DIRECTORIES_AT, TABLE_AT | WRITABLE);
        for (long at = LARGE_PAGE_BYTES; at < memory.bytes(); at += LARGE_PAGE_BYTES) {
            memory.putLong(DIRECTORIES_AT + ((at >> 21) * 8), at | LARGE_WRITABLE);
        }
        for (long at = BOOT_INFO_AT; at < LARGE_PAGE_BYTES; at += PAGE_BYTES) {
            long flags = at < SoloImage.ADDRESS_MIN ? PRESENT : WRITABLE;
            memory.putLong(TABLE_AT + ((at >> 12) * 8), at | flags);
        }
    }

    /** Writes what the guest is told: sizes, clock, manifest with its devices, command line. */
    static void tell(
            GuestMemory memory,
            SoloImage image,
            Devices devices,
            long timeStampHertz,
            String commandLine) {
        byte[] manifest = manifest(image.devices(), devices);
        long commandLineAt = MANIFEST_AT + manifest.length;
        memory.putBytes(MANIFEST_AT, manifest);
        memory.putBytes(commandLineAt, commandLine.getBytes(StandardCharsets.ISO_8859_1));
        memory.putLong(BOOT_INFO_AT, memory.bytes());
        memory.putLong(BOOT_INFO_AT + 8, image.end());
        memory.putLong(BOOT_INFO_AT + 16, timeStampHertz);
        memory.putLong(BOOT_INFO_AT + 24, commandLineAt);
        memory.putLong(BOOT_INFO_AT + 32, MANIFEST_AT);
    }

    private static byte[] manifest(List<Device> declared, Devices devices) {
        int entries = declared.size() + 1;
        var out = ByteBuffer.allocate(8 + (entries * ENTRY_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0, 1).putInt(4, entries).putInt(8 + 68, 0x40000000);
        for (int handle = 1; handle < entries; handle++) {
            Device device = declared.get(handle - 1);
            int at = 8 + (handle * ENTRY_BYTES);
            out.put(at, device.name().getBytes(StandardCharsets.ISO_8859_1));
            out.putInt(at + 68, device.kind().number());
            devices.describe(handle, out, at);
        }
        return out.array();
    }
}
