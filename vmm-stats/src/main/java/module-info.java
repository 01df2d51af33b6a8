import org.jspecify.annotations.NullMarked;

/** Samplers, subscribers, exporters. */
@NullMarked
module vmm.stats {
    requires static transitive org.jspecify;
    requires transitive vmm.daemon;
    requires java.management;
    requires vmm.os;
    requires org.pcollections;
}
