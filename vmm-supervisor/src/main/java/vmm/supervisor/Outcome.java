package vmm.supervisor;

import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.wire.supervisor.SupervisorError;

/** What a call gives: an answer or a refusal. */
sealed interface Outcome {
    Outcome DONE = new Done(Bytes.of("{}".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));

    record Done(Bytes json) implements Outcome {}

    record Refused(SupervisorError error) implements Outcome {}

    static Outcome done(byte[] json) {
        return new Done(Bytes.of(json));
    }

    static Outcome refused(SupervisorError.Kind kind, @Nullable String message) {
        return new Refused(new SupervisorError(kind, message));
    }
}
