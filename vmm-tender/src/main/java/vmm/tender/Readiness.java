package vmm.tender;

import java.nio.ByteBuffer;

/** Waits for frames: level-triggered, so what was not read is told of again. */
final class Readiness {
    private static final int POLLIN = 1;

    private final Kernel kernel;
    private final int[] handles;
    private final ByteBuffer set;
    private final long setAddress;
    private final int timeAt;

    Readiness(Kernel kernel, Devices devices) {
        this.kernel = kernel;
        int count = 0;
        int[] nets = new int[devices.count()];
        for (int handle = 1; handle < devices.count(); handle++) {
            if (devices.at(handle).net()) {
                nets[count++] = handle;
            }
        }
        this.handles = java.util.Arrays.copyOf(nets, count);
        this.timeAt = count * 8;
        this.set = ByteBuffer.allocateDirect(timeAt + 16).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        this.setAddress = Kernel.addressForEver(set);
        for (int i = 0; i < count; i++) {
            set.putInt(i * 8, devices.at(handles[i]).descriptor());
            set.putShort((i * 8) + 4, (short) POLLIN);
        }
    }

    /**
     * The handles that can be read, as bits; 0 when the time is over.
     *
     * @param nanos how long to wait at most, 64 bits without sign
     */
    long await(long nanos) {
        long start = System.nanoTime();
        long left = nanos;
        while (true) {
            set.putLong(timeAt, left / 1_000_000_000L).putLong(timeAt + 8, left % 1_000_000_000L);
            long time = left < 0 ? 0 : setAddress + timeAt;
            long count = kernel.call(Kernel.PPOLL, setAddress, handles.length, time, 0, 0, 0);
            if (count != Kernel.EINTR) {
                return count > 0 ? ready() : 0;
            }
            left = nanos < 0 ? nanos : Math.max(nanos - (System.nanoTime() - start), 0);
        }
    }

    /** An error counts as ready: the guest's next call then tells what it is. */
    private long ready() {
        long bits = 0;
        for (int i = 0; i < handles.length; i++) {
            if (set.getShort((i * 8) + 6) != 0) {
                bits |= 1L << handles[i];
            }
        }
        return bits;
    }
}
