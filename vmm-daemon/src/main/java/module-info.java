import org.jspecify.annotations.NullMarked;

/** Plumbing every daemon shares: core loop, listener, outbox, HTTP, logging, stopping. */
@NullMarked
module vmm.daemon {
    requires static transitive org.jspecify;
    requires transitive vmm.core;
    requires transitive vmm.wire;
    requires vmm.os;
    requires transitive org.apache.logging.log4j;
    requires org.apache.logging.log4j.core;

    exports vmm.daemon;
}
