package vmm.config;

import java.util.List;

/** The addresses of an interface in version 6, checked. */
public record Ipv6Config(String address, List<String> prefixes, List<String> gateways) {
    public Ipv6Config {
        address = Addresses.v6(address);
        prefixes = prefixes.stream().map(Addresses::prefix6).toList();
        gateways = gateways.stream().map(Addresses::v6).toList();
    }

    static Ipv6Config of(String address, List<String> prefixes, List<String> gateways) {
        return new Ipv6Config(address, prefixes, gateways);
    }

    IpConfig config() {
        return new IpConfig(6, address, prefixes, gateways);
    }
}
