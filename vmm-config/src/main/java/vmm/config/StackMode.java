package vmm.config;

/** Where a stack has its addresses from. */
public sealed interface StackMode {
    /** From a DHCP server. */
    record Dhcp() implements StackMode {}

    /** From the configuration. */
    record Static(Ipv4Config addresses) implements StackMode {}

    StackMode DHCP = new Dhcp();
    StackMode DEFAULT = new Static(Ipv4Config.DEFAULT);
}
