import org.jspecify.annotations.NullMarked;

/** The command line. */
@NullMarked
module vmm.client {
    requires static transitive org.jspecify;
    requires vmm.wire;
}
