import org.jspecify.annotations.NullMarked;

/** Fifos, rings, subscribers. */
@NullMarked
module vmm.console {
    requires static transitive org.jspecify;
    requires transitive vmm.daemon;
    requires vmm.os;
}
