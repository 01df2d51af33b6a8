package vmm.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The shape of one of KVM's statistics descriptors: which counters it has and where (KVM API,
 * section 4.133). It never changes while the descriptor lives; the counters are read alone.
 *
 * @param prefix of the keys: {@code vm} or {@code vcpu0}
 * @param offset of the counters in the file, in bytes
 */
record KvmStats(String prefix, List<Entry> entries, int offset, int bytes) {
    /** Where a file's header and descriptions are to be found; larger ones are not read. */
    static final int BYTES_MAX = 64 * 1024;

    private static final int HEADER_BYTES = 24;
    private static final int ENTRY_BYTES = 16;
    private static final int ENTRIES_MAX = 512;
    private static final int NAME_BYTES_MAX = 256;
    private static final int TYPE_MASK = 0xf;
    private static final int TYPE_CUMULATIVE = 0;
    private static final int TYPE_INSTANT = 1;
    private static final int TYPE_PEAK = 2;

    /**
     * @param at of the counter, in bytes from the first one
     */
    record Entry(String key, int at) {}

    KvmStats {
        entries = List.copyOf(entries);
    }

    /** Reads the header and the descriptions; empty if they are none. */
    static Optional<KvmStats> parse(String prefix, byte[] content, int length) {
        var bytes = ByteBuffer.wrap(content, 0, length).order(ByteOrder.nativeOrder());
        if (length < HEADER_BYTES) {
            return Optional.empty();
        }
        int nameBytes = bytes.getInt(4);
        int count = bytes.getInt(8);
        int descriptions = bytes.getInt(16);
        int data = bytes.getInt(20);
        if (nameBytes <= 0 || nameBytes > NAME_BYTES_MAX || count < 0 || count > ENTRIES_MAX) {
            return Optional.empty();
        }
        int size = ENTRY_BYTES + nameBytes;
        if (descriptions < HEADER_BYTES || data < 0 || descriptions + (count * size) > length) {
            return Optional.empty();
        }
        var entries = new ArrayList<Entry>();
        int end = 0;
        for (int i = 0; i < count; i++) {
            int at = descriptions + (i * size);
            int type = bytes.getInt(at) & TYPE_MASK;
            int values = bytes.getShort(at + 6) & 0xffff;
            int place = bytes.getInt(at + 8);
            if (place < 0 || place > BYTES_MAX) {
                return Optional.empty();
            }
            end = Math.max(end, place + (values * 8));
            if (values == 1 && isScalar(type)) {
                entries.add(
                        new Entry(
                                prefix + "." + name(content, at + ENTRY_BYTES, nameBytes), place));
            }
        }
        return end > BYTES_MAX
                ? Optional.empty()
                : Optional.of(new KvmStats(prefix, entries, data, end));
    }

    private static boolean isScalar(int type) {
        return type == TYPE_CUMULATIVE || type == TYPE_INSTANT || type == TYPE_PEAK;
    }

    private static String name(byte[] content, int from, int most) {
        int end = from;
        while (end < from + most && content[end] != 0) {
            end++;
        }
        return new String(content, from, end - from, StandardCharsets.US_ASCII);
    }

    /** Hands the counters in {@code data} to {@code counters}. */
    void read(byte[] data, int length, GuardedFigures.Counters counters) {
        var bytes = ByteBuffer.wrap(data, 0, length).order(ByteOrder.nativeOrder());
        for (Entry entry : entries) {
            if (entry.at() + 8 <= length) {
                counters.add(entry.key(), bytes.getLong(entry.at()));
            }
        }
    }
}
