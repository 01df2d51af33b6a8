package vmm.core.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Small images made byte by byte, each place of which a test can change. */
final class ImageBytes {
    static final int PROGRAM_HEADERS_AT = 64;
    static final int ABI_NOTE_AT = 512;
    static final int MANIFEST_NOTE_AT = 1024;
    static final int SECTIONS_AT = 0x2000;
    static final int NAMES_AT = 0x2400;
    static final int BYTES = 0x2600;

    private ImageBytes() {}

    /** Two segments, an ABI 2 note of hvt, a disk and a network interface. */
    static ByteBuffer image() {
        var bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1);
        bytes.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1);
        bytes.putLong(24, 0x100010).putLong(32, PROGRAM_HEADERS_AT);
        bytes.putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 5);
        programHeader(bytes, 0, 1, 5, 0x1000, 0x100000, 0x800, 0x800);
        programHeader(bytes, 1, 1, 6, 0x1800, 0x101000, 0x100, 0x2100);
        programHeader(bytes, 2, 1, 6, 0, 0x104000, 0, 0x100000);
        programHeader(bytes, 3, 4, 4, ABI_NOTE_AT, 0, 36, 36);
        programHeader(bytes, 4, 4, 4, MANIFEST_NOTE_AT, 0, 20 + 12 + (3 * 104), 0);
        note(bytes, ABI_NOTE_AT, 0x31494241, 16);
        bytes.putInt(ABI_NOTE_AT + 20, 1).putInt(ABI_NOTE_AT + 24, 2);
        note(bytes, MANIFEST_NOTE_AT, 0x3154464d, 12 + (3 * 104));
        int manifest = MANIFEST_NOTE_AT + 24;
        bytes.putInt(manifest, 1).putInt(manifest + 4, 3);
        entry(bytes, 0, "", 0x40000000);
        entry(bytes, 1, "storage", 1);
        entry(bytes, 2, "service", 2);
        return bytes;
    }

    /** As {@link #image}, but its notes can be found by the names of sections only. */
    static ByteBuffer imageWithSectionsOnly() {
        ByteBuffer bytes = image();
        bytes.putInt(programHeaderAt(3), 0).putInt(programHeaderAt(4), 0);
        bytes.putLong(40, SECTIONS_AT).putShort(58, (short) 64);
        bytes.putShort(60, (short) 4).putShort(62, (short) 3);
        byte[] names =
                "\0.note.solo5.abi\0.note.solo5.manifest\0.shstrtab\0"
                        .getBytes(StandardCharsets.US_ASCII);
        bytes.put(NAMES_AT, names);
        section(bytes, 1, 1, ABI_NOTE_AT, 36);
        section(bytes, 2, 17, MANIFEST_NOTE_AT, 20 + 12 + (3 * 104));
        section(bytes, 3, 38, NAMES_AT, names.length);
        return bytes;
    }

    static int programHeaderAt(int index) {
        return PROGRAM_HEADERS_AT + (index * 56);
    }

    static int entryAt(int index) {
        return MANIFEST_NOTE_AT + 32 + (index * 104);
    }

    static void entry(ByteBuffer bytes, int index, String name, int type) {
        bytes.put(entryAt(index), name.getBytes(StandardCharsets.US_ASCII));
        bytes.putInt(entryAt(index) + 68, type);
    }

    private static void note(ByteBuffer bytes, int at, int type, int size) {
        bytes.putInt(at, 6).putInt(at + 4, size).putInt(at + 8, type);
        bytes.put(at + 12, "Solo5".getBytes(StandardCharsets.US_ASCII));
    }

    private static void programHeader(
            ByteBuffer bytes,
            int index,
            int type,
            int flags,
            long offset,
            long address,
            long fileBytes,
            long memoryBytes) {
        int at = programHeaderAt(index);
        bytes.putInt(at, type).putInt(at + 4, flags).putLong(at + 8, offset);
        bytes.putLong(at + 16, address).putLong(at + 24, address);
        bytes.putLong(at + 32, fileBytes).putLong(at + 40, memoryBytes).putLong(at + 48, 0x1000);
    }

    private static void section(ByteBuffer bytes, int index, int name, long offset, long length) {
        int at = SECTIONS_AT + (index * 64);
        bytes.putInt(at, name).putInt(at + 4, 7).putLong(at + 24, offset).putLong(at + 32, length);
    }

    /** All places whose bytes mean something. */
    static List<Integer> meaningful() {
        var places = new ArrayList<Integer>();
        addAll(places, 0, programHeaderAt(5));
        addAll(places, ABI_NOTE_AT, ABI_NOTE_AT + 36);
        addAll(places, MANIFEST_NOTE_AT, entryAt(3));
        addAll(places, SECTIONS_AT, SECTIONS_AT + (4 * 64));
        addAll(places, NAMES_AT, NAMES_AT + 64);
        return places;
    }

    private static void addAll(List<Integer> places, int from, int to) {
        for (int i = from; i < to; i++) {
            places.add(i);
        }
    }
}
