import org.jspecify.annotations.NullMarked;

/** Typed graphs of a unikernel's devices, and what is made of them. */
@NullMarked
module vmm.config {
    requires static transitive org.jspecify;
    requires transitive vmm.core;
    requires java.compiler;
    requires org.pcollections;
    requires org.snakeyaml.engine;

    exports vmm.config;
}
