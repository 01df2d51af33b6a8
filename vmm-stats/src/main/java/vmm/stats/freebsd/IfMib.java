package vmm.stats.freebsd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import vmm.core.Sample;

/**
 * An interface as {@code net.link.generic.ifdata} tells of it: {@code struct ifmibdata} of
 * net/if_mib.h with {@code struct if_data} of net/if.h, since FreeBSD 11.
 *
 * @param name what it is called now: an index may have been given away
 */
record IfMib(String name, Sample.Interface counters) {
    static final int BYTES = 208;

    private static final int NAME_BYTES = 16;
    private static final int FLAGS = 20;
    private static final int DATA = 56;
    private static final int DATA_BYTES = 152;
    private static final int DATA_LENGTH = DATA + 6;

    static Optional<IfMib> parse(byte[] content, String bridge) {
        if (content.length < BYTES) {
            return Optional.empty();
        }
        var bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getShort(DATA_LENGTH) != DATA_BYTES) {
            return Optional.empty();
        }
        var c = new long[12];
        for (int i = 0; i < c.length; i++) {
            c[i] = bytes.getLong(DATA + 16 + (i * 8));
        }
        var counters =
                new Sample.Interface(
                        bridge,
                        word(bytes, FLAGS),
                        word(bytes, FLAGS + 4),
                        word(bytes, FLAGS + 8),
                        word(bytes, FLAGS + 12),
                        word(bytes, DATA + 8),
                        c[0],
                        c[1],
                        c[2],
                        c[3],
                        c[4],
                        c[5],
                        c[6],
                        c[7],
                        c[8],
                        c[9],
                        c[10],
                        c[11]);
        return Optional.of(new IfMib(name(content), counters));
    }

    private static long word(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }

    private static String name(byte[] content) {
        int end = 0;
        while (end < NAME_BYTES && content[end] != 0) {
            end++;
        }
        return new String(content, 0, end, StandardCharsets.US_ASCII);
    }
}
