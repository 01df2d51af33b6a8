import org.jspecify.annotations.NullMarked;

/** What exists: names, policies, the resource tree, unikernels, samples, the restart rule. */
@NullMarked
module vmm.core {
    requires static transitive org.jspecify;
    requires org.pcollections;

    exports vmm.core;
    exports vmm.core.image;
}
