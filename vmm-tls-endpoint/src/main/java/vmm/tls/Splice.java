package vmm.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import vmm.core.Bytes;
import vmm.wire.Message;
import vmm.wire.der.WireCodec;

/**
 * The frame of a message around an octet string that is not in memory.
 *
 * @param before the frame's length, and all up to the octets
 * @param after all behind them
 */
record Splice(Bytes before, Bytes after) {
    private static final int LENGTH_BYTES = 4;

    /**
     * @param place the content of the one octet string that is replaced
     * @param octets how many take its place
     */
    static Splice of(Message message, byte[] place, int octets) {
        byte[] der = WireCodec.encode(message);
        int at = indexOf(der, place);
        var before = new ByteArrayOutputStream();
        int grown = open(der, 0, at, octets - place.length, before);
        byte[] after = Arrays.copyOfRange(der, at + place.length, der.length);
        byte[] head = before.toByteArray();
        byte[] framed = new byte[LENGTH_BYTES + head.length];
        java.nio.ByteBuffer.wrap(framed).putInt(der.length + grown).put(head);
        return new Splice(Bytes.of(framed), Bytes.of(after));
    }

    /** Writes the value at {@code from} up to {@code at}; by how much it is longer now. */
    private static int open(byte[] der, int from, int at, int growth, ByteArrayOutputStream out) {
        int headed = header(der, from);
        if (headed == at) {
            byte[] length = length(contentLength(der, from) + growth);
            out.write(der[from]);
            out.writeBytes(length);
            return growth + length.length - (headed - from - 1);
        }
        int inner = headed;
        while (header(der, inner) + contentLength(der, inner) <= at) {
            inner = header(der, inner) + contentLength(der, inner);
        }
        var content = new ByteArrayOutputStream();
        content.write(der, headed, inner - headed);
        int grown = open(der, inner, at, growth, content);
        byte[] length = length(contentLength(der, from) + grown);
        out.write(der[from]);
        out.writeBytes(length);
        out.writeBytes(content.toByteArray());
        return grown + length.length - (headed - from - 1);
    }

    /** Where the content of the value at {@code from} starts. */
    private static int header(byte[] der, int from) {
        int first = der[from + 1] & 0xff;
        return from + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int contentLength(byte[] der, int from) {
        int first = der[from + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = (length << 8) | (der[from + 2 + i] & 0xff);
        }
        return length;
    }

    private static byte[] length(int length) {
        if (length < 0x80) {
            return new byte[] {(byte) length};
        }
        String digits = Integer.toHexString(length);
        byte[] bytes = HexFormat.of().parseHex((digits.length() % 2 == 0 ? "" : "0") + digits);
        byte[] all = new byte[bytes.length + 1];
        all[0] = (byte) (0x80 | bytes.length);
        System.arraycopy(bytes, 0, all, 1, bytes.length);
        return all;
    }

    private static int indexOf(byte[] all, byte[] part) {
        for (int i = 0; i + part.length <= all.length; i++) {
            if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new IllegalArgumentException("the place is not in the message");
    }
}
