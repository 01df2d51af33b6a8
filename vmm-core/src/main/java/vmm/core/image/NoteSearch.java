package vmm.core.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds the two notes of Solo5: in the program headers, or else in the sections of their names.
 *
 * <p>Only the first note in each place is looked at, and the first that fits is taken (SOLO5 1.2).
 */
final class NoteSearch {
    static final int ABI_BYTES_MIN = 16;
    static final int ABI_BYTES_MAX = 32;
    static final int MANIFEST_BYTES_MAX = 12 + (64 * 104);
    static final int SECTIONS_MAX = 1024;
    private static final int ABI = 0x31494241;
    private static final int MANIFEST = 0x3154464d;
    private static final int HEADER_BYTES = 20;
    private static final int HEADER_BYTES_MIN = 12;
    private static final int SECTION_BYTES = 64;
    private static final byte[] OWNER = {'S', 'o', 'l', 'o', '5', 0};
    private static final String ABI_SECTION = ".note.solo5.abi";
    private static final String MANIFEST_SECTION = ".note.solo5.manifest";

    private final ImageReader reader;
    private @Nullable ByteBuffer abi;
    private @Nullable ByteBuffer manifest;

    /** The descriptors of both notes; the manifest's starts with four bytes of padding. */
    record Notes(ByteBuffer abi, ByteBuffer manifest) {}

    private NoteSearch(ImageReader reader) {
        this.reader = reader;
    }

    static Notes of(ImageReader reader, ByteBuffer header, ProgramHeaders table)
            throws ImageRefusal, IOException {
        var search = new NoteSearch(reader);
        for (int i = 0; i < table.count(); i++) {
            if (table.isNote(i)) {
                search.look(table.offset(i), table.fileBytes(i));
            }
        }
        if (search.abi == null || search.manifest == null) {
            search.lookIntoSections(header);
        }
        ByteBuffer abi = search.abi;
        ByteBuffer manifest = search.manifest;
        if (abi == null) {
            throw new ImageRefusal("No Solo5 ABI information found");
        }
        if (manifest == null) {
            throw new ImageRefusal("No Solo5 manifest found");
        }
        return new Notes(abi, manifest);
    }

    private void look(long offset, long length) throws ImageRefusal, IOException {
        if (length >= 0 && length < HEADER_BYTES_MIN) {
            throw new ImageRefusal("an ELF note is too short");
        }
        if (length >= 0 && length < HEADER_BYTES) {
            return;
        }
        ByteBuffer note = reader.bytes(offset, HEADER_BYTES, "an ELF note is cut off");
        byte[] owner = new byte[OWNER.length];
        note.get(12, owner);
        if (note.getInt(0) != OWNER.length || !java.util.Arrays.equals(owner, OWNER)) {
            return;
        }
        if (note.getInt(8) == ABI && abi == null) {
            abi = descriptor(offset, length, note.getInt(4), ABI_BYTES_MAX);
        } else if (note.getInt(8) == MANIFEST && manifest == null) {
            manifest = descriptor(offset, length, note.getInt(4), MANIFEST_BYTES_MAX);
        }
    }

    private ByteBuffer descriptor(long offset, long length, int size, int sizeMax)
            throws ImageRefusal, IOException {
        boolean fits = length < 0 || length - HEADER_BYTES >= size;
        if (size < 1 || size > sizeMax || !fits || offset > Long.MAX_VALUE - HEADER_BYTES) {
            throw new ImageRefusal("a Solo5 note does not fall within valid size");
        }
        return reader.bytes(offset + HEADER_BYTES, size, "a Solo5 note is cut off");
    }

    private void lookIntoSections(ByteBuffer header) throws ImageRefusal, IOException {
        long tableAt = header.getLong(40);
        int count = Short.toUnsignedInt(header.getShort(60));
        int namesIndex = Short.toUnsignedInt(header.getShort(62));
        if (tableAt == 0 || count == 0) {
            return;
        }
        if (header.getShort(58) != SECTION_BYTES || count > SECTIONS_MAX || namesIndex >= count) {
            throw new ImageRefusal("the ELF section headers have an unknown size or number");
        }
        ByteBuffer table =
                reader.bytes(tableAt, count * SECTION_BYTES, "the ELF section headers are cut off");
        long namesAt = table.getLong((namesIndex * SECTION_BYTES) + 24);
        long namesBytes = table.getLong((namesIndex * SECTION_BYTES) + 32);
        for (int i = 0; i < count; i++) {
            int at = i * SECTION_BYTES;
            long name = Integer.toUnsignedLong(table.getInt(at));
            boolean wanted =
                    (abi == null && isNamed(namesAt, namesBytes, name, ABI_SECTION))
                            || (manifest == null
                                    && isNamed(namesAt, namesBytes, name, MANIFEST_SECTION));
            if (wanted) {
                look(table.getLong(at + 24), table.getLong(at + 32));
            }
        }
    }

    private boolean isNamed(long namesAt, long namesBytes, long name, String wanted)
            throws ImageRefusal, IOException {
        byte[] expected = (wanted + "\0").getBytes(StandardCharsets.US_ASCII);
        boolean inside = namesBytes >= 0 && name <= namesBytes - expected.length;
        if (!inside || namesAt < 0 || namesAt > Long.MAX_VALUE - name) {
            return false;
        }
        ByteBuffer found =
                reader.bytes(namesAt + name, expected.length, "the section names are cut off");
        return found.order(ByteOrder.LITTLE_ENDIAN).equals(ByteBuffer.wrap(expected));
    }
}
