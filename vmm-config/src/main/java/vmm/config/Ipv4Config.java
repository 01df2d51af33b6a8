package vmm.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The addresses of an interface in version 4, checked. */
public record Ipv4Config(String address, String netmask, List<String> gateways) {
    public static final Ipv4Config DEFAULT = of("10.0.0.2", "255.255.255.0", List.of("10.0.0.1"));

    private static final Pattern NETWORK = Pattern.compile("([^/]+)/([0-9]{1,2})");

    public Ipv4Config {
        address = Addresses.v4(address);
        netmask = Addresses.v4(netmask);
        gateways = gateways.stream().map(Addresses::v4).toList();
    }

    static Ipv4Config of(String address, String netmask, List<String> gateways) {
        return new Ipv4Config(address, netmask, gateways);
    }

    /** The address, with the length of its network's prefix, as {@code 10.0.0.2/24}. */
    static Ipv4Config of(String network, Optional<String> gateway) {
        Matcher parts = NETWORK.matcher(network);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > 32) {
            throw new ConfigException(
                    "'" + network + "' is no address with its network: say 10.0.0.2/24");
        }
        long mask = 0xffff_ffffL << (32 - Integer.parseInt(parts.group(2)));
        String netmask =
                "%d.%d.%d.%d"
                        .formatted(
                                (mask >> 24) & 255,
                                (mask >> 16) & 255,
                                (mask >> 8) & 255,
                                mask & 255);
        return of(parts.group(1), netmask, gateway.stream().toList());
    }

    IpConfig config() {
        return new IpConfig(4, address, List.of(netmask), gateways);
    }
}
