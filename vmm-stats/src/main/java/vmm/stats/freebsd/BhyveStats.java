package vmm.stats.freebsd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import vmm.core.Sample;

/**
 * bhyve's counters of a machine's first processor: {@code VM_STATS} and {@code VM_STAT_DESC} of
 * machine/vmm_dev.h, since FreeBSD 13. One thread.
 */
final class BhyveStats implements AutoCloseable {
    private static final int STATS_BYTES = 544;
    private static final int INDEX = 4;
    private static final int ENTRIES = 8;
    private static final int VALUES = 32;
    private static final int VALUES_PER_ANSWER = 64;
    private static final int DESCRIPTION_BYTES = 132;
    private static final long VM_STATS = inOut(50, STATS_BYTES);
    private static final long VM_STAT_DESC = inOut(51, DESCRIPTION_BYTES);

    /** More than there are; a kernel that counts on without end stops here. */
    private static final int COUNTERS_MAX = 512;

    private final Kernel.Machine machine;
    private final List<String> names = new ArrayList<>();

    BhyveStats(Kernel.Machine machine) {
        this.machine = machine;
    }

    /** {@code _IOWR('v', number, bytes)} of sys/ioccom.h. */
    static long inOut(int number, int bytes) {
        return 0xC000_0000L | ((long) bytes << 16) | ('v' << 8) | number;
    }

    List<Sample.Counter> read() throws IOException {
        var counters = new ArrayList<Sample.Counter>();
        int count = VALUES_PER_ANSWER;
        while (count == VALUES_PER_ANSWER && counters.size() < COUNTERS_MAX) {
            var answer = ByteBuffer.allocate(STATS_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            answer.putInt(INDEX, counters.size());
            machine.ask(VM_STATS, answer.array());
            count = Math.clamp(answer.getInt(ENTRIES), 0, VALUES_PER_ANSWER);
            for (int i = 0; i < count; i++) {
                counters.add(
                        new Sample.Counter(
                                name(counters.size()), answer.getLong(VALUES + (i * 8))));
            }
        }
        return counters;
    }

    private String name(int index) throws IOException {
        if (index == names.size()) {
            var answer = ByteBuffer.allocate(DESCRIPTION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            answer.putInt(0, index);
            machine.ask(VM_STAT_DESC, answer.array());
            int end = 4;
            while (end < DESCRIPTION_BYTES && answer.get(end) != 0) {
                end++;
            }
            names.add(new String(answer.array(), 4, end - 4, StandardCharsets.US_ASCII));
        }
        return names.get(index);
    }

    @Override
    public void close() throws IOException {
        machine.close();
    }
}
