package vmm.stats.freebsd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import vmm.core.Sample;

/**
 * A process as {@code kern.proc.pid} tells of it: {@code struct kinfo_proc} of sys/user.h, on amd64
 * and arm64, whose layout FreeBSD keeps.
 */
record KinfoProc(int pid, char state, Sample.ResourceUse use, Sample.Memory memory) {
    /** Its size, which it says itself; another one is another layout. */
    static final int BYTES = 1088;

    private static final int PID = 72;
    private static final int SIZE = 256;
    private static final int RESIDENT = 264;
    private static final int TEXT = 280;
    private static final int DATA = 288;
    private static final int STACK = 296;
    private static final int COPY_ON_WRITE = 324;
    private static final int RUNTIME = 328;
    private static final int START = 336;
    private static final int STATE = 388;
    private static final int USE = 608;
    private static final int STATE_ZOMBIE = 5;
    private static final long MICROS_MAX = 999_999;

    /** Empty where it is no such structure, or its process has ended. */
    static Optional<KinfoProc> parse(byte[] content) {
        if (content.length < BYTES) {
            return Optional.empty();
        }
        var bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(0) != BYTES || bytes.get(STATE) == STATE_ZOMBIE) {
            return Optional.empty();
        }
        Sample.Time user = time(bytes, USE);
        Sample.Time system = time(bytes, USE + 16);
        Sample.Time start = time(bytes, START);
        if (isWrong(user) || isWrong(system) || isWrong(start)) {
            return Optional.empty();
        }
        var memory =
                new Sample.Memory(
                        bytes.getLong(SIZE),
                        bytes.getLong(RESIDENT),
                        bytes.getLong(TEXT),
                        bytes.getLong(DATA),
                        bytes.getLong(STACK),
                        bytes.getLong(RUNTIME),
                        Integer.toUnsignedLong(bytes.getInt(COPY_ON_WRITE)),
                        start);
        return Optional.of(
                new KinfoProc(
                        bytes.getInt(PID),
                        (char) bytes.get(STATE),
                        use(bytes, user, system),
                        memory));
    }

    private static Sample.ResourceUse use(ByteBuffer bytes, Sample.Time user, Sample.Time system) {
        var counts = new long[14];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = bytes.getLong(USE + 32 + (i * 8));
        }
        return new Sample.ResourceUse(
                user,
                system,
                counts[0],
                counts[1],
                counts[2],
                counts[3],
                counts[4],
                counts[5],
                counts[6],
                counts[7],
                counts[8],
                counts[9],
                counts[10],
                counts[11],
                counts[12],
                counts[13]);
    }

    private static Sample.Time time(ByteBuffer bytes, int at) {
        return new Sample.Time(bytes.getLong(at), bytes.getLong(at + 8));
    }

    private static boolean isWrong(Sample.Time time) {
        return time.seconds() < 0 || time.microseconds() < 0 || time.microseconds() > MICROS_MAX;
    }
}
