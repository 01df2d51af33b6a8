package vmm.stats.export;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Text in UTF-8 on its way out; numbers are written without a detour over strings. One thread. A
 * stream that fails throws {@link UncheckedIOException}.
 */
final class Text {
    private static final long MICROS = 1_000_000;

    /** So much goes out at once: what the JDK keeps a buffer for. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private static final int LONG_CHARS = 19;

    private final byte[] bytes = new byte[BUFFER_BYTES];
    private final byte[] digits = new byte[LONG_CHARS];
    private final OutputStream out;
    private int length;

    Text(OutputStream out) {
        this.out = out;
    }

    private void room(int more) {
        if (length + more > BUFFER_BYTES) {
            flush();
        }
    }

    /** Hands on what was added. */
    void flush() {
        write(bytes, length);
        length = 0;
    }

    private void write(byte[] text, int count) {
        try {
            out.write(text, 0, count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Text add(byte[] text) {
        room(text.length);
        if (text.length > BUFFER_BYTES) {
            write(text, text.length);
            return this;
        }
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
        int from = LONG_CHARS;
        long rest = number;
        for (; rest > Integer.MAX_VALUE; rest /= 10) {
            digits[--from] = (byte) ('0' + (rest % 10));
        }
        // Most numbers are small, and dividing an int costs a third.
        int small = (int) rest;
        do {
            int tenth = small / 10;
            digits[--from] = (byte) ('0' + small - (10 * tenth));
            small = tenth;
        } while (small > 0);
        room(LONG_CHARS);
        System.arraycopy(digits, from, bytes, length, LONG_CHARS - from);
        length += LONG_CHARS - from;
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

    Text addEscaped(String value) {
        return add(escaped(value));
    }

    /** The value of a label, escaped as Prometheus asks. */
    static String escaped(String value) {
        return value.indexOf('\\') < 0 && value.indexOf('"') < 0 && value.indexOf('\n') < 0
                ? value
                : value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
