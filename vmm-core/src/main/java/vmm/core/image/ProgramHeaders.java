package vmm.core.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The table that says what to load and where the notes are. */
record ProgramHeaders(ByteBuffer table, int count) {
    static final int COUNT_MAX = 256;
    private static final int ENTRY_BYTES = 56;
    private static final int LOAD = 1;
    private static final int NOTE = 4;
    private static final int EXECUTABLE = 1;
    private static final int WRITABLE = 2;
    private static final long PAGE_BYTES = 4096;

    static ProgramHeaders read(ImageReader reader, ByteBuffer header)
            throws ImageRefusal, IOException {
        int count = Short.toUnsignedInt(header.getShort(56));
        if (header.getShort(54) != ENTRY_BYTES || count < 1 || count > COUNT_MAX) {
            throw new ImageRefusal("the ELF program headers have an unknown size or number");
        }
        int length = count * ENTRY_BYTES;
        return new ProgramHeaders(
                reader.bytes(header.getLong(32), length, "the ELF program headers are cut off"),
                count);
    }

    boolean isNote(int index) {
        return table.getInt(index * ENTRY_BYTES) == NOTE;
    }

    long offset(int index) {
        return table.getLong((index * ENTRY_BYTES) + 8);
    }

    long fileBytes(int index) {
        return table.getLong((index * ENTRY_BYTES) + 32);
    }

    List<Segment> segments() throws ImageRefusal {
        var segments = new ArrayList<Segment>();
        long end = SoloImage.ADDRESS_MIN;
        for (int i = 0; i < count; i++) {
            if (table.getInt(i * ENTRY_BYTES) == LOAD && fileBytes(i) != 0) {
                Segment segment = segment(i, end);
                end = segment.end();
                segments.add(segment);
            }
        }
        return segments;
    }

    private Segment segment(int index, long previousEnd) throws ImageRefusal {
        int at = index * ENTRY_BYTES;
        int flags = table.getInt(at + 4);
        long offset = offset(index);
        long address = table.getLong(at + 16);
        long fileBytes = fileBytes(index);
        long memoryBytes = table.getLong(at + 40);
        long align = table.getLong(at + 48);
        if (align <= 0 || Long.bitCount(align) != 1) {
            throw new ImageRefusal("a segment's alignment is no power of two");
        }
        long start = address & -align;
        if (address < 0 || start < previousEnd) {
            throw new ImageRefusal("segments are too low, overlap or are out of order");
        }
        long last = address + memoryBytes;
        if (fileBytes < 0 || memoryBytes < fileBytes || last < 0) {
            throw new ImageRefusal("a segment has an impossible size");
        }
        long end = (last + (align - 1)) & -align;
        if (end < last || offset < 0 || offset + fileBytes < 0) {
            throw new ImageRefusal("a segment has an impossible size");
        }
        if (start % PAGE_BYTES != 0 || end % PAGE_BYTES != 0) {
            throw new ImageRefusal("a segment does not take whole pages");
        }
        boolean writable = (flags & WRITABLE) != 0;
        boolean executable = (flags & EXECUTABLE) != 0;
        if (writable && executable) {
            throw new ImageRefusal("a segment is writable and executable");
        }
        return new Segment(
                offset, fileBytes, address, memoryBytes, start, end, writable, executable);
    }
}
