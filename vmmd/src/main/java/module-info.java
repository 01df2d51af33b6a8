import org.jspecify.annotations.NullMarked;

/** The orchestrator: policies, state, decisions. */
@NullMarked
module vmm.vmmd {
    requires static transitive org.jspecify;
    requires transitive vmm.daemon;
    requires vmm.os;
    requires org.pcollections;

    exports vmm.vmmd.core;
    exports vmm.vmmd.host;
}
