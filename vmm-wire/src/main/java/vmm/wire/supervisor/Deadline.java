package vmm.wire.supervisor;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.OptionalLong;

/** When a caller stops waiting; older callers give a span instead of a time. */
public sealed interface Deadline {
    /** What Go writes for a time nobody set. */
    OffsetDateTime ZERO = OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    record At(OffsetDateTime time) implements Deadline {}

    /** The generation of 2023-04 in its member Timeout. */
    record Within(long millis) implements Deadline {}

    /** The generation of 2023-04 with no timeout. */
    record Never() implements Deadline {}

    static Deadline at(java.time.Instant time) {
        return new At(time.atOffset(ZoneOffset.UTC));
    }

    static Deadline read(Fields from) throws JsonException {
        OptionalLong timeout = from.count("Timeout");
        if (timeout.isPresent()) {
            return timeout.getAsLong() == 0 ? new Never() : new Within(timeout.getAsLong());
        }
        if (from.isNull("Timeout")) {
            return new Never();
        }
        return new At(from.time("deadline").orElse(ZERO));
    }

    /** Writes the member; a span is a member of its own. */
    default void write(JsonWriter to) {
        switch (this) {
            case At(var time) -> to.name("deadline").text(Rfc3339.format(time));
            case Within(var millis) -> to.name("Timeout").number(millis);
            case Never() -> to.name("Timeout").number(0);
        }
    }
}
