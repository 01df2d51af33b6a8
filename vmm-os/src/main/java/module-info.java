import org.jspecify.annotations.NullMarked;

/** The kernel, called from Java: spawn, wait, affinity, taps, credentials. */
@NullMarked
module vmm.os {
    requires static transitive org.jspecify;
    requires jdk.net;
    requires org.jnrproject.posix;

    exports vmm.os;
}
