package vmm.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Networks, from the interface to HTTP, as release 4 has them. */
final class NetParts {
    private static final Need CONDUIT = Need.of("conduit-mirage", "8.0.0", "9.0.0");
    private static final Need DHCP = Need.of("charrua-client", "3.0.0", "4.0.0").with("mirage");
    private static final Need QUBES = Need.of("mirage-qubes", "2.0.0", "3.0.0");
    private static final String ANY = "0.0.0.0/0";
    private static final String BEFORE_IP =
            "let requests = Option.map (List.map Dhcp_wire.int_to_option_code_exn) (Some [1; 3])"
                    + " in\n  let options = [ Dhcp_wire.Hostname (Mirage_runtime.name ()) ] in\n  ";

    private final Target target;
    private final Part.Store store;
    private final boolean isOneOfMany;

    /**
     * The network parts of one graph.
     *
     * @param isOneOfMany whether an interface's arguments are grouped by its name
     */
    NetParts(Target target, Part.Store store, boolean isOneOfMany) {
        this.target = target;
        this.store = store;
        this.isOneOfMany = isOneOfMany;
    }

    /** A network interface and what it is called. */
    record Wire(String name, Part part) {}

    private Terms terms(String name) {
        return new Terms(isOneOfMany ? name : "");
    }

    private static Need tcpip(String library) {
        return Need.of("tcpip", "9.0.0", "10.0.0").with(library);
    }

    Part network(String name) {
        Need library =
                switch (target) {
                    case UNIX -> Need.of("mirage-net-unix", "3.0.0", "4.0.0");
                    case MACOSX -> Need.of("mirage-net-macosx", "1.8.0", "2.0.0");
                    case XEN, QUBES -> Need.of("mirage-net-xen", "2.1.0", "3.0.0");
                    case HVT, SPT, VIRTIO, MUEN, GENODE ->
                            Need.of("mirage-net-solo5", "0.8.0", "0.9.0");
                    case UNIKRAFT_FIRECRACKER, UNIKRAFT_QEMU ->
                            Need.of("mirage-net-unikraft", "1.0.0", "2.0.0");
                };
        if (target.isSolo5()) {
            return store.part(Form.of("Netif", "$M.connect " + Ocaml.quoted(name), library));
        }
        Form form = Form.of("Netif", "$M.connect $1", library);
        if (target == Target.QUBES) {
            form = Form.of("Netif", "$M.connect $1", library, QUBES);
        }
        return store.part(form.told(terms(name).interfaceName(name)));
    }

    Part ethernet(Part network) {
        Need library = Need.of("ethernet", "3.0.0", "4.0.0");
        return store.part(Form.of("Ethernet.Make", "$M.connect $1", library), network);
    }

    private Part arp(Part ethernet) {
        Need library = Need.of("arp", "4.0.0", "5.0.0").with("mirage");
        return store.part(Form.of("Arp.Make", "$M.connect $1", library), ethernet);
    }

    Part ip(IpConfig config, Wire wire) {
        Part ethernet = ethernet(wire.part());
        return config.version() == 4
                ? ipv4(config, ethernet, terms(wire.name()))
                : ipv6(Optional.of(config), wire.part(), ethernet, terms(wire.name()));
    }

    private Part ipv4(IpConfig config, Part ethernet, Terms terms) {
        Part arp = arp(ethernet);
        Form form =
                Form.of(
                                "Static_ipv4.Make",
                                "$M.connect ~no_init:$5 ~cidr:$3 ?gateway:$4 $1 $2",
                                tcpip("ipv4"))
                        .told(
                                terms.v4Network(config.prefix()),
                                terms.v4Gateway(gateway(config)),
                                terms.ipv6Only());
        return store.part(form, ethernet, arp);
    }

    private static Optional<String> gateway(IpConfig config) {
        if (config.gateways().size() > 1) {
            throw new ConfigException(
                    "release 4 takes one gateway, not "
                            + String.join(", ", config.gateways())
                            + ": leave one of them");
        }
        return config.gateways().stream().findFirst();
    }

    private Part ipv6(Optional<IpConfig> config, Part network, Part ethernet, Terms terms) {
        Form form =
                Form.of(
                                "Ipv6.Make",
                                "$M.connect ~no_init:$6 ~handle_ra:$5 ?cidr:$3 ?gateway:$4 $1 $2",
                                tcpip("ipv6"))
                        .told(
                                terms.v6Network(config.map(IpConfig::prefix)),
                                terms.v6Gateway(config.flatMap(NetParts::gateway)),
                                terms.v6Routers(),
                                terms.ipv4Only());
        return store.part(form, network, ethernet);
    }

    Part udp(Part ip) {
        return store.part(Form.of("Udp.Make", "$M.connect $1", tcpip("udp")), ip);
    }

    Part tcp(Part ip) {
        return store.part(Form.of("Tcp.Flow.Make", "$M.connect $1", tcpip("tcp")), ip);
    }

    /** UDP or TCP through the host's sockets. */
    Part socket(String protocol, Optional<String> address) {
        if (!target.isUnix()) {
            throw new ConfigException(
                    "sockets are the host's: for " + target + " use a direct stack or direct_tcp");
        }
        var terms = new Terms("");
        String name = protocol + "v4v6";
        Form form =
                Form.of(
                                Ocaml.capitalized(name) + "_socket",
                                "$M.connect ~ipv4_only:$1 ~ipv6_only:$2 $3 $4",
                                tcpip(name + "-socket"))
                        .told(
                                terms.ipv4Only(),
                                terms.ipv6Only(),
                                terms.v4Network(address.map(a -> a + "/32").orElse(ANY)),
                                terms.v6Network(Optional.empty()));
        return store.part(form);
    }

    Part socketStack(List<String> addresses) {
        if (addresses.size() > 1) {
            throw new ConfigException(
                    "release 4 takes one address for sockets, not " + String.join(", ", addresses));
        }
        Optional<String> one = addresses.stream().filter(a -> !a.equals("0.0.0.0")).findFirst();
        Part udp = socket("udp", one);
        Part tcp = socket("tcp", one);
        Form form = Form.of("Tcpip_stack_socket.V4V6", "$M.connect $1 $2", tcpip("stack-socket"));
        return store.part(form, List.of(), List.of(udp, tcp));
    }

    /** A stack on an interface; without addresses by DHCP. */
    Part stack(Wire wire, Optional<IpConfig> config) {
        Terms terms = terms(wire.name());
        Part ethernet = ethernet(wire.part());
        Part arp = arp(ethernet);
        Part network = wire.part();
        Part ipv4;
        if (target == Target.QUBES) {
            ipv4 = qubesIpv4(ethernet, arp);
        } else if (config.isPresent()) {
            ipv4 = ipv4(config.get(), ethernet, terms);
        } else {
            Part lease = lease(network, ethernet, arp, terms);
            network = store.part(Form.of("Dhcp_ipv4.Proj_net", "$M.connect $1", DHCP), lease);
            ipv4 = store.part(Form.of("Dhcp_ipv4.Proj_ipv4", "$M.connect $1", DHCP), lease);
        }
        Part ip = both(ipv4, ipv6(Optional.empty(), network, ethernet, terms), terms);
        Part icmp = store.part(Form.of("Icmpv4.Make", "$M.connect $1", tcpip("icmpv4")), ipv4);
        Form form = Form.of("Tcpip_stack_direct.MakeV4V6", "$M.connect $*", tcpip("stack-direct"));
        return store.part(form, network, ethernet, arp, ip, icmp, udp(ip), tcp(ip));
    }

    /** Addresses as Qubes gives them to its domains. */
    private Part qubesIpv4(Part ethernet, Part arp) {
        Part db = store.part(Form.of("Qubes.DB", "$M.connect ~domid:0 ()", QUBES));
        Need library = Need.of("mirage-qubes-ipv4", "2.0.0", "3.0.0");
        return store.part(
                Form.of("Qubesdb_ipv4.Make", "$M.connect $1 $2 $3", library), db, ethernet, arp);
    }

    private Part lease(Part network, Part ethernet, Part arp, Terms terms) {
        Form form =
                Form.of(
                                "Dhcp_ipv4.Make",
                                BEFORE_IP
                                        + "$M.connect ~no_init:$6 ?cidr:$4 ?gateway:$5 ?requests"
                                        + " ~options $1 $2 $3",
                                DHCP)
                        .told(
                                terms.v4NetworkIfAny(),
                                terms.v4Gateway(Optional.empty()),
                                terms.ipv6Only());
        return store.part(form, network, ethernet, arp);
    }

    private Part both(Part ipv4, Part ipv6, Terms terms) {
        Form form =
                Form.of(
                                "Tcpip_stack_direct.IPV4V6",
                                "$M.connect ~ipv4_only:$3 ~ipv6_only:$4 $1 $2",
                                tcpip("stack-direct"))
                        .told(terms.ipv4Only(), terms.ipv6Only());
        return store.part(form, ipv4, ipv6);
    }

    Part conduit(Part stack) {
        return store.part(Form.of("Conduit_mirage.TCP", "Lwt.return $1", CONDUIT), stack);
    }

    Part http(ServerMode mode, Part conduit) {
        String where =
                switch (mode) {
                    case ServerMode.Tcp(int port) -> "(`TCP " + port + ")";
                    case ServerMode.Vchan _ ->
                            throw Parts.missing("vchan", "a server listens on `TCP (`Port N)");
                };
        Need library = Need.of("cohttp-mirage", "6.1.0", "7.0.0");
        return store.part(
                Form.of(
                        "Cohttp_mirage.Server.Make",
                        "Lwt.return ($M.listen $1 " + where + ")",
                        library),
                conduit);
    }

    Part resolver(Part stack, Optional<String> server, OptionalInt port) {
        var servers = new ArrayList<String>();
        String suffix = port.isPresent() ? ":" + port.getAsInt() : "";
        server.ifPresent(
                address -> {
                    servers.add("udp:" + address + suffix);
                    servers.add("tcp:" + address + suffix);
                });
        Form form =
                Form.of(
                                "Resolver_mirage.Make",
                                """
                                let nameservers = $2 in
                                  $M.v ?nameservers $1 >|= function
                                  | Ok r -> r
                                  | Error (`Msg e) -> invalid_arg e""",
                                CONDUIT)
                        .told(new Terms("").resolver(servers));
        return store.part(form, stack);
    }

    /** The resolver of the host. */
    Part hostResolver() {
        if (!target.isUnix()) {
            throw new ConfigException(
                    "the host's resolver is for unix and macosx: for "
                            + target
                            + " use resolver_dns");
        }
        Need host = Need.of("conduit-lwt-unix", "8.0.0", "9.0.0");
        return store.part(
                Form.of("Resolver_lwt", "Lwt.return Resolver_lwt_unix.system", CONDUIT, host));
    }
}
