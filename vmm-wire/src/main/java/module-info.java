import org.jspecify.annotations.NullMarked;

/** What can be said: commands, replies, data and their dialects; frames on sockets. */
@NullMarked
module vmm.wire {
    requires static transitive org.jspecify;
    requires transitive vmm.core;
    requires tools.jackson.core;

    exports vmm.wire;
    exports vmm.wire.channel;
    exports vmm.wire.der;
    exports vmm.wire.supervisor;
}
