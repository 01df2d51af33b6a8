package vmm.core.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Reads Solo5 images: ELF header, notes, manifest, loadable segments (SOLO5 1.1 to 1.3). */
public final class ImageReader {
    static final int HEADER_BYTES = 64;
    private static final int EXECUTABLE = 2;
    private static final int X86_64 = 62;

    private final ImageSource source;

    private ImageReader(ImageSource source) {
        this.source = source;
    }

    /** Reads an image from what remains in {@code bytes}, whose position does not change. */
    public static ImageResult read(ByteBuffer bytes) {
        ByteBuffer all = bytes.slice();
        try {
            return read((offset, into) -> copy(all, offset, into));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Reads an image with positional reads of its headers and notes only. */
    public static ImageResult read(FileChannel file) throws IOException {
        return read((offset, into) -> file.read(into, offset));
    }

    /** Reads an image from anything that has positional reads. */
    public static ImageResult read(ImageSource source) throws IOException {
        try {
            return new ImageResult.Of(new ImageReader(source).image());
        } catch (ImageRefusal refusal) {
            return new ImageResult.Refused(refusal.why());
        }
    }

    private SoloImage image() throws ImageRefusal, IOException {
        ByteBuffer header = bytes(0, HEADER_BYTES, "no ELF file: too short");
        checkHeader(header);
        var table = ProgramHeaders.read(this, header);
        var notes = NoteSearch.of(this, header, table);
        Abi abi = Abi.of(notes.abi());
        var devices = Manifest.devices(notes.manifest());
        boolean loaded = abi.target() == Target.HVT || abi.target() == Target.SPT;
        long entry = header.getLong(24);
        if (loaded && entry < SoloImage.ADDRESS_MIN) {
            throw new ImageRefusal("the entry point is below 0x100000");
        }
        var segments = loaded ? table.segments() : java.util.List.<Segment>of();
        return new SoloImage(abi.target(), abi.version(), devices, segments, entry);
    }

    private static void checkHeader(ByteBuffer header) throws ImageRefusal {
        if (header.getInt(0) != 0x464c457f) {
            throw new ImageRefusal("no ELF file");
        }
        if (header.get(4) != 2 || header.get(5) != 1 || header.getInt(20) != 1) {
            throw new ImageRefusal("no 64-bit little-endian ELF file");
        }
        if (header.getShort(16) != EXECUTABLE) {
            throw new ImageRefusal("no ELF executable with fixed addresses");
        }
        if (header.getShort(18) != X86_64) {
            throw new ImageRefusal("the image is for another processor");
        }
        if (header.getShort(52) != HEADER_BYTES) {
            throw new ImageRefusal("the ELF header has an unknown size");
        }
    }

    /** Exactly {@code length} bytes at {@code offset}, little-endian. */
    ByteBuffer bytes(long offset, int length, String otherwise) throws ImageRefusal, IOException {
        if (offset < 0 || offset > Long.MAX_VALUE - length) {
            throw new ImageRefusal(otherwise);
        }
        ByteBuffer into = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (into.hasRemaining()) {
            if (source.read(offset + into.position(), into) < 1) {
                throw new ImageRefusal(otherwise);
            }
        }
        return into.flip();
    }

    private static int copy(ByteBuffer all, long offset, ByteBuffer into) {
        if (offset >= all.limit()) {
            return -1;
        }
        int length = (int) Math.min(into.remaining(), all.limit() - offset);
        into.put(into.position(), all, (int) offset, length);
        into.position(into.position() + length);
        return length;
    }

    /** The ABI note: whom the image was built for, and how it calls its host. */
    private record Abi(Target target, long version) {
        static Abi of(ByteBuffer note) throws ImageRefusal {
            if (note.remaining() < NoteSearch.ABI_BYTES_MIN) {
                throw new ImageRefusal("the Solo5 ABI note is too short");
            }
            long number = Integer.toUnsignedLong(note.getInt(0));
            var target = Target.of(number);
            if (target.isEmpty()) {
                throw new ImageRefusal("unknown Solo5 target " + number);
            }
            return new Abi(target.get(), Integer.toUnsignedLong(note.getInt(4)));
        }
    }
}
