import org.jspecify.annotations.NullMarked;

/** An hvt tender on /dev/kvm. */
@NullMarked
module vmm.tender {
    requires static transitive org.jspecify;
    requires vmm.core;
    requires vmm.os;
}
