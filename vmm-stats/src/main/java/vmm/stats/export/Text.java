package vmm.stats.export;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import vmm.core.Bytes;

/** Text in UTF-8 that grows; numbers are written without a detour over strings. One thread. */
final class Text {
    private static final long MICROS = 1_000_000;

    private byte[] bytes;
    private int length;

    Text(int capacity) {
        bytes = new byte[capacity];
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    Text add(byte[] text) {
        room(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
        return this;
    }

    Text add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    Text add(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    /** A signed decimal number. */
    Text add(long number) {
        if (number < 0) {
            return add(Long.toString(number));
        }
        room(19);
        int digits = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + (rest % 10));
            rest /= 10;
        }
        length += digits;
        return this;
    }

    /** Seconds with the decimals they need. */
    Text addMicros(long micros) {
        if (micros < 0) {
            add('-');
            return addMicros(-micros);
        }
        add(micros / MICROS);
        long rest = micros % MICROS;
        if (rest == 0) {
            return this;
        }
        add('.');
        for (long place = MICROS / 10; rest > 0; place /= 10) {
            add((char) ('0' + (rest / place)));
            rest %= place;
        }
        return this;
    }

    /** The value of a label, escaped as Prometheus asks. */
    Text addEscaped(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> add("\\\\");
                case '"' -> add("\\\"");
                case '\n' -> add("\\n");
                default -> {
                    if (c < 0x80) {
                        add(c);
                    } else {
                        int point = value.codePointAt(i);
                        add(Character.toString(point));
                        i += Character.charCount(point) - 1;
                    }
                }
            }
        }
        return this;
    }

    int length() {
        return length;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    Bytes toBytes() {
        return Bytes.view(ByteBuffer.wrap(bytes, 0, length));
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
