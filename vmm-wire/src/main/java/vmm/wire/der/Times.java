package vmm.wire.der;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** GeneralizedTime and UTCTime as albatross's releases write and read them (BEHAVIOUR 13). */
final class Times {
    private static final Pattern GENERALIZED =
            Pattern.compile(
                    "(\\d{4})(\\d{2})(\\d{2})(\\d{2})(\\d{2})?(\\d{2})?(?:\\.(\\d{0,7}))?(Z|[+-]\\d{4})");
    private static final Pattern UTC =
            Pattern.compile("(\\d{2})(\\d{2})(\\d{2})(\\d{2})(\\d{2})(\\d{2})?()(Z|[+-]\\d{4})");

    /** A two-digit year from here on belongs to the last century. */
    private static final int UTC_PIVOT = 50;

    private static final long YEAR_MAX = 9999;

    private Times() {}

    static Instant read(DerReader in, int tag) throws DerException {
        int offset = in.offset();
        String text = in.text(tag);
        boolean utc = tag == Tag.UTC_TIME;
        return parse(utc ? UTC : GENERALIZED, utc, text)
                .orElseThrow(() -> new DerException(offset, "'" + text + "' is no time"));
    }

    private static Optional<Instant> parse(Pattern pattern, boolean utc, String text) {
        Matcher m = pattern.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        int year = number(m.group(1));
        if (utc) {
            year += year < UTC_PIVOT ? 2000 : 1900;
        }
        try {
            int second = number(m.group(6));
            if (second > 60) {
                return Optional.empty();
            }
            LocalDateTime time =
                    LocalDateTime.of(
                                    year,
                                    number(m.group(2)),
                                    number(m.group(3)),
                                    number(m.group(4)),
                                    number(m.group(5)))
                            .plusSeconds(second)
                            .plusNanos(milliseconds(m.group(7)) * 1_000_000L)
                            .minusSeconds(zone(m.group(8)).getTotalSeconds());
            return canBeWritten(time.getYear(), utc)
                    ? Optional.of(time.toInstant(ZoneOffset.UTC))
                    : Optional.empty();
        } catch (DateTimeException outOfRange) {
            return Optional.empty();
        }
    }

    /** An offset or a leap second may have led out of the years that have a form. */
    private static boolean canBeWritten(int year, boolean utc) {
        return utc
                ? year >= 1900 + UTC_PIVOT && year < 2000 + UTC_PIVOT
                : year >= 0 && year <= YEAR_MAX;
    }

    private static int number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null || digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }

    /** Up to three digits are read as so many milliseconds, of more the first three. */
    private static int milliseconds(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : number(digits.length() > 3 ? digits.substring(0, 3) : digits);
    }

    private static ZoneOffset zone(String text) {
        if (text.equals("Z")) {
            return ZoneOffset.UTC;
        }
        int sign = text.charAt(0) == '-' ? -1 : 1;
        return ZoneOffset.ofHoursMinutes(
                sign * number(text.substring(1, 3)), sign * number(text.substring(3)));
    }

    /** No fraction for a whole second, else exactly three digits, cut off. */
    static void writeGeneralized(DerWriter out, Instant time) {
        LocalDateTime t = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
        if (t.getYear() < 0 || t.getYear() > YEAR_MAX) {
            throw new IllegalArgumentException("the year of " + time + " has more than 4 digits");
        }
        var text = new StringBuilder(19);
        digits(text, t.getYear(), 4);
        rest(text, t);
        if (t.get(ChronoField.NANO_OF_SECOND) != 0) {
            text.append('.');
            digits(text, t.get(ChronoField.MILLI_OF_SECOND), 3);
        }
        out.writeText(Tag.GENERALIZED_TIME, text.append('Z').toString());
    }

    static void writeUtc(DerWriter out, Instant time) {
        LocalDateTime t = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
        var text = new StringBuilder(13);
        digits(text, Math.floorMod(t.getYear(), 100), 2);
        rest(text, t);
        out.writeText(Tag.UTC_TIME, text.append('Z').toString());
    }

    private static void rest(StringBuilder text, LocalDateTime t) {
        digits(text, t.getMonthValue(), 2);
        digits(text, t.getDayOfMonth(), 2);
        digits(text, t.getHour(), 2);
        digits(text, t.getMinute(), 2);
        digits(text, t.getSecond(), 2);
    }

    private static void digits(StringBuilder text, int number, int count) {
        int power = 1;
        for (int i = 1; i < count; i++) {
            power *= 10;
        }
        for (; power > 0; power /= 10) {
            text.append((char) ('0' + number / power % 10));
        }
    }
}
