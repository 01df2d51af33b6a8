package vmm.wire.supervisor;

import java.time.OffsetDateTime;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;

/** Times as Go writes them: up to nine digits of a second, Z or an offset. */
final class Rfc3339 {
    private static final DateTimeFormatter FORMAT =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .appendOffset("+HH:MM", "Z")
                    .toFormatter(java.util.Locale.ROOT)
                    .withResolverStyle(ResolverStyle.STRICT)
                    .withChronology(IsoChronology.INSTANCE);

    private Rfc3339() {}

    static OffsetDateTime parse(String text) throws JsonException {
        try {
            return OffsetDateTime.parse(text, FORMAT);
        } catch (DateTimeParseException e) {
            throw new JsonException("\"" + text + "\" is no time of RFC 3339");
        }
    }

    static String format(OffsetDateTime time) {
        return FORMAT.format(time);
    }
}
