package vmm.stats.core;

import vmm.wire.Command;
import vmm.wire.Header;

/** What can happen to vmm-stats. */
public sealed interface Input {
    /** A client says something; vmmd is one. */
    record Asked(long client, Header header, Command command) implements Input {}

    /** A client has gone. */
    record Left(long client) implements Input {}

    record Tick() implements Input {}

    /** The pass that a tick began is over. */
    record Sampled(Pass pass) implements Input {}
}
