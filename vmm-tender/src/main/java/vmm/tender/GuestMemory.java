package vmm.tender;

import java.nio.ByteBuffer;
import java.util.List;
import vmm.core.image.Segment;
import vmm.os.Native;

/**
 * The guest's memory: every access of the host's to it is checked here first.
 *
 * <p>Addresses and lengths are the guest's, 64 bits without sign; whatever is negative as a Java
 * long is out of range.
 */
final class GuestMemory {
    private static final int WINDOW_SHIFT = 30;
    private static final long WINDOW_BYTES = 1L << WINDOW_SHIFT;
    private static final long OVERLAP_BYTES = 64;

    private final long base;
    private final long bytes;
    private final ByteBuffer[] windows;
    private long[] readOnly = {};

    private GuestMemory(long base, long bytes) {
        this.base = base;
        this.bytes = bytes;
        this.windows = new ByteBuffer[(int) ((bytes + WINDOW_BYTES - 1) >> WINDOW_SHIFT)];
        for (int i = 0; i < windows.length; i++) {
            long start = (long) i << WINDOW_SHIFT;
            long length = Math.min(WINDOW_BYTES + OVERLAP_BYTES, bytes - start);
            windows[i] = Native.memory(base + start, length);
        }
    }

    /** Fresh zero memory that takes room only where it is touched. */
    static GuestMemory map(Kernel kernel, long bytes) throws Failure {
        long sharedAnonymousNoReserve = 0x4021;
        long base = kernel.call(Kernel.MMAP, 0, bytes, 3, sharedAnonymousNoReserve, -1, 0);
        if (base < 0 && base > -4096) {
            throw Failure.of("Error allocating guest memory", base);
        }
        return new GuestMemory(base, bytes);
    }

    long bytes() {
        return bytes;
    }

    /** The host's address of a place that has been checked. */
    long address(long guest) {
        return base + guest;
    }

    /** Takes the right to write to read-only segments from the guest and from ourselves. */
    void protect(Kernel kernel, List<Segment> segments) throws Failure {
        var ranges = new long[2 * segments.size()];
        int count = 0;
        for (Segment segment : segments) {
            if (!segment.writable()) {
                long length = segment.end() - segment.start();
                long done = kernel.call(Kernel.MPROTECT, base + segment.start(), length, 1);
                if (done < 0) {
                    throw Failure.of("Error protecting guest memory", done);
                }
                ranges[count++] = segment.start();
                ranges[count++] = segment.end();
            }
        }
        readOnly = java.util.Arrays.copyOf(ranges, count);
    }

    void checkReadable(long guest, long length) throws Failure {
        if (guest < 0 || length < 0 || guest > bytes || length > bytes - guest) {
            throw invalid(guest, length);
        }
    }

    void checkWritable(long guest, long length) throws Failure {
        checkReadable(guest, length);
        if (length > 0 && touchesReadOnly(guest, guest + length)) {
            throw invalid(guest, length);
        }
    }

    boolean isReadOnly(long guest) {
        return guest >= 0 && guest < bytes && touchesReadOnly(guest, guest + 1);
    }

    private boolean touchesReadOnly(long from, long to) {
        for (int i = 0; i < readOnly.length; i += 2) {
            if (from < readOnly[i + 1] && to > readOnly[i]) {
                return true;
            }
        }
        return false;
    }

    static Failure invalid(long guest, long length) {
        return Failure.of(
                "Invalid guest access: gpa=0x"
                        + Long.toHexString(guest)
                        + ", sz="
                        + Long.toUnsignedString(length));
    }

    long getLong(long guest) {
        return window(guest).getLong(index(guest));
    }

    int getInt(long guest) {
        return window(guest).getInt(index(guest));
    }

    void putLong(long guest, long value) {
        window(guest).putLong(index(guest), value);
    }

    void putInt(long guest, int value) {
        window(guest).putInt(index(guest), value);
    }

    void putBytes(long guest, byte[] value) {
        window(guest).put(index(guest), value);
    }

    private ByteBuffer window(long guest) {
        return windows[(int) (guest >> WINDOW_SHIFT)];
    }

    private static int index(long guest) {
        return (int) (guest & (WINDOW_BYTES - 1));
    }
}
