package vmm.config;

import java.util.List;

/** The addresses of an interface in version 4, checked. */
public record Ipv4Config(String address, String netmask, List<String> gateways) {
    public static final Ipv4Config DEFAULT = of("10.0.0.2", "255.255.255.0", List.of("10.0.0.1"));

    public Ipv4Config {
        address = Addresses.v4(address);
        netmask = Addresses.v4(netmask);
        gateways = gateways.stream().map(Addresses::v4).toList();
    }

    static Ipv4Config of(String address, String netmask, List<String> gateways) {
        return new Ipv4Config(address, netmask, gateways);
    }

    IpConfig config() {
        return new IpConfig(4, address, List.of(netmask), gateways);
    }
}
