import org.jspecify.annotations.NullMarked;

/** Domains and processes behind the Supervisor contract. */
@NullMarked
module vmm.supervisor {
    requires static transitive org.jspecify;
    requires vmm.daemon;
    requires vmm.os;
}
