package vmm.os;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads what stands in files of /proc/PID (proc(5)). What is not there, or is no number, makes the
 * whole reading absent: half a sample is a wrong one. Any thread.
 */
public final class ProcText {
    /** The field after the name of the program in /proc/PID/stat is the third. */
    private static final int FIELD_AFTER_NAME = 3;

    private static final int STAT_FIELDS = 24;
    private static final byte[] PEAK = key("VmHWM:");
    private static final byte[] RESIDENT = key("VmRSS:");
    private static final byte[] VOLUNTARY = key("voluntary_ctxt_switches:");
    private static final byte[] INVOLUNTARY = key("nonvoluntary_ctxt_switches:");
    private static final byte[] READ_CALLS = key("rchar:");
    private static final byte[] WRITE_CALLS = key("wchar:");
    private static final byte[] READ = key("read_bytes:");
    private static final byte[] WRITTEN = key("write_bytes:");

    private ProcText() {}

    /**
     * /proc/PID/stat. Times in clock ticks, vsize in bytes, rss in pages.
     *
     * @param start ticks after the system started
     */
    public record Stat(
            char state,
            long minflt,
            long majflt,
            long utime,
            long stime,
            long start,
            long vsize,
            long rss) {
        /** True if the process has ended, whether its parent knows or not. */
        public boolean ended() {
            return state == 'Z' || state == 'X' || state == 'x';
        }
    }

    /** /proc/PID/statm, in pages. */
    public record Statm(long text, long data) {}

    /** /proc/PID/status; sizes in KiB, switches of the first thread. */
    public record Status(long peakKib, long residentKib, long voluntary, long involuntary) {}

    /** /proc/PID/io, in bytes. */
    public record Io(long readCalls, long writeCalls, long read, long written) {}

    public static @Nullable Stat stat(byte[] text, int length) {
        // The name may hold spaces and parentheses: only the last one ends it.
        int at = length - 1;
        while (at >= 0 && text[at] != ')') {
            at--;
        }
        at += 2;
        if (at < 2 || at >= length) {
            return null;
        }
        char state = (char) text[at];
        at += 2;
        long minflt = 0;
        long majflt = 0;
        long utime = 0;
        long stime = 0;
        long start = 0;
        long vsize = 0;
        long last = 0;
        int field = FIELD_AFTER_NAME;
        // No array of all fields: this is read of every process each time.
        for (; field < STAT_FIELDS && at < length; field++, at++) {
            boolean negative = text[at] == '-';
            at += negative ? 1 : 0;
            long value = 0;
            while (at < length && text[at] >= '0' && text[at] <= '9') {
                value = (value * 10) + (text[at++] - '0');
            }
            last = negative ? -value : value;
            switch (field) {
                case 9 -> minflt = last;
                case 11 -> majflt = last;
                case 13 -> utime = last;
                case 14 -> stime = last;
                case 21 -> start = last;
                case 22 -> vsize = last;
                default -> {}
            }
        }
        return field < STAT_FIELDS
                ? null
                : new Stat(state, minflt, majflt, utime, stime, start, vsize, last);
    }

    public static @Nullable Statm statm(byte[] text, int length) {
        var fields = new long[7];
        int field = 0;
        int at = 0;
        while (field < fields.length && at < length) {
            long value = 0;
            int from = at;
            while (at < length && text[at] >= '0' && text[at] <= '9') {
                value = (value * 10) + (text[at++] - '0');
            }
            if (at++ == from) {
                return null;
            }
            fields[field++] = value;
        }
        return field < fields.length ? null : new Statm(fields[3], fields[5]);
    }

    public static @Nullable Status status(byte[] text, int length) {
        long peak = -1;
        long resident = -1;
        long voluntary = -1;
        long involuntary = -1;
        for (int at = 0; at < length; at = nextLine(text, at, length)) {
            switch (text[at]) {
                case 'V' -> {
                    peak = peak < 0 ? number(text, at, length, PEAK) : peak;
                    resident = resident < 0 ? number(text, at, length, RESIDENT) : resident;
                }
                case 'v' -> voluntary = number(text, at, length, VOLUNTARY);
                case 'n' -> involuntary = number(text, at, length, INVOLUNTARY);
                default -> {}
            }
        }
        // One that is ending has no memory any more, and no peak.
        return peak < 0 || resident < 0 || voluntary < 0 || involuntary < 0
                ? null
                : new Status(peak, resident, voluntary, involuntary);
    }

    static @Nullable Io io(byte[] text, int length) {
        long readCalls = -1;
        long writeCalls = -1;
        long read = -1;
        long written = -1;
        for (int at = 0; at < length; at = nextLine(text, at, length)) {
            switch (text[at]) {
                case 'r' -> {
                    readCalls = readCalls < 0 ? number(text, at, length, READ_CALLS) : readCalls;
                    read = read < 0 ? number(text, at, length, READ) : read;
                }
                case 'w' -> {
                    writeCalls =
                            writeCalls < 0 ? number(text, at, length, WRITE_CALLS) : writeCalls;
                    written = written < 0 ? number(text, at, length, WRITTEN) : written;
                }
                default -> {}
            }
        }
        return readCalls < 0 || writeCalls < 0 || read < 0 || written < 0
                ? null
                : new Io(readCalls, writeCalls, read, written);
    }

    /** The first number of /proc/uptime, in milliseconds, or -1. */
    public static long uptimeMillis(byte[] text, int length) {
        int at = 0;
        long value = 0;
        int decimals = -1;
        while (at < length && text[at] != ' ' && decimals < 3) {
            if (text[at] == '.') {
                decimals = 0;
            } else if (text[at] >= '0' && text[at] <= '9') {
                value = (value * 10) + (text[at] - '0');
                decimals += decimals < 0 ? 0 : 1;
            } else {
                return -1;
            }
            at++;
        }
        for (int i = Math.max(decimals, 0); i < 3; i++) {
            value *= 10;
        }
        return at == 0 ? -1 : value;
    }

    /** The number after {@code key} in the first line that starts with it, or -1. */
    public static long line(byte[] text, int length, byte[] key) {
        for (int at = 0; at < length; at = nextLine(text, at, length)) {
            long value = number(text, at, length, key);
            if (value >= 0) {
                return value;
            }
        }
        return -1;
    }

    private static int nextLine(byte[] text, int from, int length) {
        int at = from;
        while (at < length && text[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    /** The number after {@code key} where the line at {@code at} starts with it, or -1. */
    private static long number(byte[] text, int at, int length, byte[] key) {
        if (at + key.length >= length) {
            return -1;
        }
        for (int i = 0; i < key.length; i++) {
            if (text[at + i] != key[i]) {
                return -1;
            }
        }
        int digit = at + key.length;
        while (digit < length && (text[digit] == ' ' || text[digit] == '\t')) {
            digit++;
        }
        long value = 0;
        int from = digit;
        while (digit < length && text[digit] >= '0' && text[digit] <= '9') {
            value = (value * 10) + (text[digit++] - '0');
        }
        return digit == from ? -1 : value;
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
