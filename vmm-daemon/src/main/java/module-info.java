import org.jspecify.annotations.NullMarked;

/** Plumbing every daemon shares: core loop, listener, outbox, HTTP, logging, stopping. */
@NullMarked
module vmm.daemon {
    requires static transitive org.jspecify;
    requires transitive vmm.core;
    requires transitive vmm.wire;
    requires transitive vmm.os;
    requires org.apache.httpcomponents.core5.httpcore5;
    requires transitive org.apache.logging.log4j;
    requires micrometer.core;
    requires micrometer.registry.prometheus;

    exports vmm.daemon;
    exports vmm.daemon.http;
    exports vmm.daemon.metrics;

    provides org.apache.logging.log4j.spi.Provider with
            vmm.daemon.log.LogProvider;
}
