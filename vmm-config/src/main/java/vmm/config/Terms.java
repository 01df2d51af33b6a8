package vmm.config;

import java.util.List;
import java.util.Optional;

/**
 * The terms whose values a unikernel of release 4 is told about one network interface.
 *
 * @param group tells the arguments of several interfaces apart; empty where there is one
 */
record Terms(String group) {
    static final String NETWORK = "Mirage_runtime_network.";

    private static final Terms ALONE = new Terms("");

    /** What one device alone is told, or this value where nothing is. */
    static String told(String name, Optional<String> value) {
        return ALONE.network(name, option(value));
    }

    /** The same for a text. */
    static String quoted(String name, Optional<String> value) {
        return told(name, value.map(Ocaml::quoted));
    }

    private String network(String name, String value) {
        return grouped(NETWORK + name + " " + value);
    }

    /** One of these terms, in this group; a term of another module stays what it is. */
    String grouped(String term) {
        int space = term.indexOf(' ');
        return group.isEmpty() || !term.startsWith(NETWORK)
                ? term
                : term.substring(0, space)
                        + " ~group:"
                        + Ocaml.quoted(group)
                        + term.substring(space);
    }

    String interfaceName(String fallback) {
        return network("interface", Ocaml.quoted(fallback));
    }

    String ipv4Only() {
        return network("ipv4_only", "()");
    }

    String ipv6Only() {
        return network("ipv6_only", "()");
    }

    String v4Network(String prefix) {
        return network("V4.network", prefix(4, prefix));
    }

    String v4NetworkIfAny() {
        return network("V4.optional_network", "()");
    }

    String v4Gateway(Optional<String> address) {
        return network("V4.gateway", gateway(4, address));
    }

    String v6Network(Optional<String> prefix) {
        return network("V6.network", option(prefix.map(p -> prefix(6, p))));
    }

    String v6Gateway(Optional<String> address) {
        return network("V6.gateway", gateway(6, address));
    }

    String v6Routers() {
        return network("V6.accept_router_advertisements", "()");
    }

    String resolver(List<String> servers) {
        String fallback = servers.isEmpty() ? "" : "~default:" + list(servers) + " ";
        return network("resolver", fallback + "()");
    }

    static String list(List<String> texts) {
        return "[" + String.join("; ", texts.stream().map(Ocaml::quoted).toList()) + "]";
    }

    private static String prefix(int version, String text) {
        return "(Ipaddr.V" + version + ".Prefix.of_string_exn " + Ocaml.quoted(text) + ")";
    }

    private static String gateway(int version, Optional<String> address) {
        return option(
                address.map(
                        a -> "(Ipaddr.V" + version + ".of_string_exn " + Ocaml.quoted(a) + ")"));
    }

    private static String option(Optional<String> value) {
        return value.map(v -> "(Some " + v + ")").orElse("None");
    }
}
