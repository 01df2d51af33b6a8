import org.jspecify.annotations.NullMarked;

/** The way in from outside: TLS, chains of certificates, and a relay to the daemons. */
@NullMarked
module vmm.tls {
    requires static transitive org.jspecify;
    requires vmm.daemon;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.tls;
}
