package vmm.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits to be written to one peer, in bounds. Putting never waits: what does not fit is
 * counted as lost, and the peer is told how many when there is room again.
 */
public final class Outbox {
    /** How many frames one write takes. */
    private static final int BATCH_FRAMES = 64;

    /** Makes the frame that tells of lost ones. */
    public interface LossNote {
        ByteBuffer frame(long lost);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
    private final int bytesMax;
    private final LossNote note;
    private long bytes;
    private long lost;
    private boolean closed;

    /**
     * @param bytesMax how much may wait
     */
    public Outbox(int bytesMax, LossNote note) {
        this.bytesMax = bytesMax;
        this.note = note;
    }

    /**
     * Puts a frame that others may share; returns false if it was lost. Any thread; never waits.
     */
    public boolean put(ByteBuffer frame) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (bytes + frame.remaining() > bytesMax) {
                lost++;
                return false;
            }
            if (lost > 0) {
                add(note.frame(lost));
                lost = 0;
            }
            add(frame.duplicate());
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void add(ByteBuffer frame) {
        waiting.add(frame);
        bytes += frame.remaining();
    }

    /** Writes what comes until {@link #close}, or until the peer is gone. */
    public void drainTo(GatheringByteChannel channel) throws IOException, InterruptedException {
        var batch = new ByteBuffer[BATCH_FRAMES];
        while (true) {
            int count = take(batch);
            if (count == 0) {
                return;
            }
            long size = 0;
            for (int i = 0; i < count; i++) {
                size += batch[i].remaining();
            }
            while (batch[count - 1].hasRemaining()) {
                channel.write(batch, 0, count);
            }
            written(size);
        }
    }

    private int take(ByteBuffer[] batch) throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && lost == 0 && !closed) {
                changed.await();
            }
            if (waiting.isEmpty() && lost > 0) {
                add(note.frame(lost));
                lost = 0;
            }
            int count = 0;
            while (count < batch.length && !waiting.isEmpty()) {
                batch[count++] = waiting.remove();
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private void written(long size) {
        lock.lock();
        try {
            bytes -= size;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more is put; what waits is still written. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
