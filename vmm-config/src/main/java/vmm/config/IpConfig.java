package vmm.config;

import java.util.List;

/**
 * The addresses of an interface, as {@link Addresses} spells them.
 *
 * @param netmasks one mask, or any number of prefixes for version 6
 */
record IpConfig(int version, String address, List<String> netmasks, List<String> gateways) {
    IpConfig {
        netmasks = List.copyOf(netmasks);
        gateways = List.copyOf(gateways);
    }

    /** The addresses as one expression. */
    String meta() {
        String ip = "Ipaddr.V" + version + ".of_string_exn ";
        String masks =
                version == 4
                        ? ip + Ocaml.quoted(netmasks.getFirst())
                        : "[" + all("Ipaddr.V6.Prefix.of_string_exn ", netmasks) + "]";
        return "(" + ip + Ocaml.quoted(address) + ", " + masks + ", [" + all(ip, gateways) + "])";
    }

    /** The address with the length of its network's prefix. */
    String prefix() {
        if (version == 4) {
            return address + "/" + Addresses.bits(netmasks.getFirst());
        }
        String first = netmasks.isEmpty() ? "/64" : netmasks.getFirst();
        return address + first.substring(first.indexOf('/'));
    }

    static String all(String call, List<String> values) {
        return String.join("; ", values.stream().map(v -> call + Ocaml.quoted(v)).toList());
    }
}
