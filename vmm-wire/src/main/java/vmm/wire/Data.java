package vmm.wire;

import java.time.Instant;
import vmm.core.Bytes;
import vmm.core.Sample;

/** What comes unasked, after a subscription. {@code Data ::= CHOICE { … }} */
public sealed interface Data {
    /**
     * @param utc the form that a {@code subscribe-utc} gets
     */
    record ConsoleLine(boolean utc, Instant time, String line) implements Data {}

    record Statistics(Sample sample) implements Data {}

    record Chunk(Bytes bytes) implements Data {}

    record End() implements Data {}
}
