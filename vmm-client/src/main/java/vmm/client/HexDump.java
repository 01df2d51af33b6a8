package vmm.client;

import java.nio.ByteBuffer;

/** Sixteen bytes a line: offset, hexadecimal digits in pairs of bytes, printable characters. */
final class HexDump {
    private static final int LINE_BYTES = 16;

    private HexDump() {}

    static String of(ByteBuffer bytes) {
        ByteBuffer all = bytes.slice();
        var dump = new StringBuilder(all.limit() * 5);
        for (int from = 0; from < all.limit(); from += LINE_BYTES) {
            line(dump, all, from, Math.min(all.limit(), from + LINE_BYTES));
        }
        return dump.toString();
    }

    private static void line(StringBuilder dump, ByteBuffer all, int from, int to) {
        dump.append(String.format("%08x:", from));
        for (int i = from; i < from + LINE_BYTES; i++) {
            dump.append(i % 2 == 0 ? " " : "");
            dump.append(i < to ? String.format("%02x", all.get(i)) : "  ");
        }
        dump.append("  ");
        for (int i = from; i < to; i++) {
            byte b = all.get(i);
            dump.append(b >= ' ' && b < 0x7f ? (char) b : '.');
        }
        dump.append('\n');
    }
}
