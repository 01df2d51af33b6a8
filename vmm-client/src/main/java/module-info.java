import org.jspecify.annotations.NullMarked;

/** The command line. */
@NullMarked
module vmm.client {
    requires static transitive org.jspecify;
    requires vmm.config;
    requires vmm.daemon;
    requires vmm.wire;
    requires info.picocli;
    requires java.net.http;
    requires org.snakeyaml.engine;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;

    opens vmm.client to
            info.picocli;
}
