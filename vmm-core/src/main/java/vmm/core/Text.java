package vmm.core;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * Text from the wire as Java strings that lose nothing: what is not UTF-8 is kept.
 *
 * <p>The wire's UTF8String is not validated by albatross (BEHAVIOUR 13). A byte {@code b} that is
 * no part of well-formed UTF-8 becomes the lone low surrogate {@code U+DC00 + b}, which no
 * well-formed text decodes to, and goes back to the same byte.
 */
public final class Text {
    private static final int ESCAPE = 0xDC00;

    /** The order of the encoded bytes, by which sets of text are sorted on the wire. */
    public static final Comparator<String> BYTE_ORDER = Text::compareBytes;

    private Text() {}

    /** Decodes {@code length} bytes at {@code offset}; never fails. */
    public static String decode(byte[] bytes, int offset, int length) {
        boolean ascii = true;
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] < 0) {
                ascii = false;
                break;
            }
        }
        if (ascii) {
            return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, offset, length))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return escaping(ByteBuffer.wrap(bytes, offset, length));
        }
    }

    private static String escaping(ByteBuffer in) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var out = CharBuffer.allocate(in.remaining());
        while (true) {
            var result = decoder.decode(in, out, true);
            if (result.isUnderflow()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xff)));
            }
        }
    }

    /** The bytes that {@link #decode} was given, or the UTF-8 of well-formed text. */
    public static byte[] encode(String text) {
        int length = text.length();
        if (isAscii(text)) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
        var out = ByteBuffer.allocate(length * 3);
        for (int i = 0; i < length; ) {
            int c = text.codePointAt(i);
            if (isEscape(c)) {
                out.put((byte) (c - ESCAPE));
            } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException("text has a lone surrogate at index " + i);
            } else {
                out.put(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
            i += Character.charCount(c);
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    /** True if the text is its own encoding, one byte a character. */
    public static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** True if every byte of the original was well-formed UTF-8. */
    public static boolean isUtf8(String text) {
        return text.codePoints().noneMatch(Text::isEscape);
    }

    private static boolean isEscape(int codePoint) {
        return codePoint >= ESCAPE + 0x80 && codePoint <= ESCAPE + 0xff;
    }

    private static int compareBytes(String a, String b) {
        return java.util.Arrays.compareUnsigned(encode(a), encode(b));
    }
}
