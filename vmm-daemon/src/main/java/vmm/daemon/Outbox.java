package vmm.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits to be written to one peer, in bounds. Putting never waits: what does not fit is
 * counted as lost, and the peer is told how many when there is room again.
 */
public final class Outbox {
    /** How many buffers one write takes. */
    private static final int BATCH_BUFFERS = 64;

    /** How much one write takes, from the second buffer on. */
    private static final int BATCH_BYTES_MAX = 64 * 1024;

    /** How long a peer that never reads may hold up who waits for room. */
    private static final Duration CREDIT_START = Duration.ofMillis(2);

    /** How long one that reads may do so: it may have to wait for a processor itself. */
    private static final Duration CREDIT_MAX = Duration.ofMillis(100);

    /** What a socket takes though nobody reads: earns nothing. */
    private static final long UNREAD_BYTES = 256 * 1024;

    /**
     * What reading earns: at 16 MB a second a peer may hold up its producer as long as it takes, at
     * 100 kB a second for 6 ms of each second.
     */
    private static final long CREDIT_NANOS_PER_BYTE = 60;

    /** Makes the frame that tells of lost ones. */
    public interface LossNote {
        ByteBuffer frame(long lost);
    }

    /**
     * What many outboxes may hold together. Each may hold as much as is left: however many are
     * full, a newcomer still finds room. Any thread.
     */
    public static final class Room {
        private final AtomicLong left;

        /**
         * @param bytesMax how much may wait in all of them
         */
        public Room(long bytesMax) {
            left = new AtomicLong(bytesMax);
        }

        private long left() {
            return left.get();
        }

        private void take(long bytes) {
            left.addAndGet(-bytes);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition roomier = lock.newCondition();
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
    private final int bytesMax;
    private final Room room;
    private final LossNote note;
    private long bytes;
    private long lost;
    private long writtenBytes;
    private long creditNanos = CREDIT_START.toNanos();
    private boolean closed;

    /**
     * @param bytesMax how much may wait
     * @param room what this shares with others
     */
    public Outbox(int bytesMax, Room room, LossNote note) {
        this.bytesMax = bytesMax;
        this.room = room;
        this.note = note;
    }

    /**
     * Puts a frame that others may share; returns false if it was lost. Any thread; never waits.
     */
    public boolean put(ByteBuffer frame) {
        return put(frame, 1);
    }

    /**
     * Puts frames that lie one after another.
     *
     * @param count how many: they are lost together
     */
    public boolean put(ByteBuffer frames, int count) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (bytes + frames.remaining() > limit()) {
                lost += count;
                return false;
            }
            if (lost > 0) {
                add(note.frame(lost));
                lost = 0;
            }
            add(frames.duplicate());
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until half of the room is free, but no longer than the peer has earned by reading: one
     * that reads fast loses nothing, and one that does not is not waited for. Never called by what
     * others wait for.
     */
    public void pace() throws InterruptedException {
        lock.lock();
        try {
            while (!closed && bytes > limit() / 2 && creditNanos > 0) {
                creditNanos = Math.max(0, roomier.awaitNanos(creditNanos));
            }
        } finally {
            lock.unlock();
        }
    }

    private long limit() {
        return Math.min(bytesMax, room.left());
    }

    private void add(ByteBuffer frame) {
        waiting.add(frame);
        bytes += frame.remaining();
        room.take(frame.remaining());
    }

    /** Writes what comes until {@link #close}, or until the peer is gone. Called once. */
    public void drainTo(GatheringByteChannel channel) throws IOException, InterruptedException {
        try {
            drain(channel);
        } finally {
            discard();
        }
    }

    private void drain(GatheringByteChannel channel) throws IOException, InterruptedException {
        var batch = new ByteBuffer[BATCH_BUFFERS];
        while (true) {
            int count = take(batch);
            if (count == 0) {
                return;
            }
            long size = 0;
            for (int i = 0; i < count; i++) {
                size += batch[i].remaining();
            }
            // Not until the last one is written: that may be empty.
            for (long left = size; left > 0; ) {
                left -= channel.write(batch, 0, count);
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
            long size = 0;
            while (count < batch.length && !waiting.isEmpty()) {
                size += waiting.getFirst().remaining();
                if (count > 0 && size > BATCH_BYTES_MAX) {
                    break;
                }
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
            room.take(-size);
            writtenBytes += size;
            if (writtenBytes > UNREAD_BYTES) {
                creditNanos =
                        Math.min(CREDIT_MAX.toNanos(), creditNanos + size * CREDIT_NANOS_PER_BYTE);
            }
            roomier.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody will read what waits. */
    private void discard() {
        lock.lock();
        try {
            closed = true;
            room.take(-bytes);
            bytes = 0;
            waiting.clear();
            roomier.signalAll();
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
            roomier.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
