package vmm.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import vmm.config.Numbered.Tcpip;
import vmm.core.image.Device;

/** Network interfaces and the layers above one of them. */
final class NetDevices {
    private NetDevices() {}

    /** Writes the function that connects {@code device} above {@code below}. */
    private static void connect(
            Generation g, Configurable device, Node below, String failing, String state) {
        g.line("let " + device.variable(g) + " () =");
        g.line("   " + g.variable(below) + " () >>= function");
        g.line("   | `Error _ -> " + Generation.failure(failing));
        g.line("   | `Ok " + state + " -> " + device.module(g) + ".connect " + state.strip());
        g.blank();
    }

    record Network(String name) implements Configurable {
        @Override
        public String variable(Generation g) {
            return g.fixed(this, "net_" + name);
        }

        @Override
        public String module(Generation g) {
            return "Netif";
        }

        @Override
        public List<String> packages(Generation g) {
            return List.of(
                    switch (g.target()) {
                        case MACOSX -> "mirage-net-macosx";
                        case XEN -> "mirage-net-xen";
                        default -> "mirage-net-unix";
                    });
        }

        @Override
        public List<String> libraries(Generation g) {
            return packages(g);
        }

        @Override
        public void configure(Generation g) {
            g.line("let " + variable(g) + " () =");
            g.line("  Netif.connect " + Ocaml.quoted(name));
            g.blank();
        }

        @Override
        public Optional<Device> attached() {
            return Optional.of(DeviceName.device(name, Device.Kind.NET));
        }
    }

    record Ethif(Node network) implements Tcpip {
        @Override
        public List<Node> children() {
            return List.of(network);
        }

        @Override
        public String variable(Generation g) {
            return g.named(this, "ethif" + g.variable(network), "ethif");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of(g.target() == Target.XEN ? "tcpip.ethif" : "tcpip.ethif-unix");
        }

        @Override
        public void configure(Generation g) {
            String name = variable(g);
            g.line("module " + module(g) + " = Ethif.Make(" + g.module(network) + ")");
            g.blank();
            connect(g, this, network, name, "eth ");
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Ethif(each.apply(network));
        }
    }

    /**
     * IP on an Ethernet interface.
     *
     * @param version 4 or 6: their functors take their arguments in different orders
     */
    record Ip(int version, Node ethernet, Node clock, Node time, IpConfig config) implements Tcpip {
        @Override
        public List<Node> children() {
            return List.of(ethernet, clock, time);
        }

        @Override
        public List<Node> linked(boolean packages) {
            return packages || version == 6 ? children() : List.of(ethernet);
        }

        @Override
        public List<Object> settings(Target target) {
            return List.of(version, config);
        }

        @Override
        public String variable(Generation g) {
            String others = g.variable(ethernet) + config.meta();
            if (version == 6) {
                others = g.variable(clock) + others;
                others = g.variable(time) + others;
            }
            return g.named(this, "ipv" + version + others, "ipv" + version);
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of("tcpip.ipv" + version + (g.target() == Target.XEN ? "" : "-unix"));
        }

        @Override
        public void configure(Generation g) {
            String name = variable(g);
            String module = module(g);
            Node second = version == 4 ? clock : time;
            Node third = version == 4 ? time : clock;
            g.line(
                    "module %s = Ipv%d.Make(%s)(%s)(%s)"
                            .formatted(
                                    module,
                                    version,
                                    g.module(ethernet),
                                    g.module(second),
                                    g.module(third)));
            g.blank();
            String connectFails = Generation.failure(version == 4 ? "IPV4" : name);
            g.line("let " + name + " () =");
            g.line("   " + g.variable(ethernet) + " () >>= function");
            g.line("   | `Error _ -> " + Generation.failure(name));
            g.line("   | `Ok eth  ->");
            g.line("   " + module + ".connect eth >>= function");
            g.line("   | `Error _ -> " + connectFails);
            g.line("   | `Ok ip   ->");
            g.line("   let i = Ipaddr.V" + version + ".of_string_exn in");
            set(g, "ip", "(i " + Ocaml.quoted(config.address()) + ")");
            config.netmasks().forEach(m -> set(g, "ip_netmask", "(i " + Ocaml.quoted(m) + ")"));
            var gateways = config.gateways().stream().map(w -> "(i " + Ocaml.quoted(w) + ")");
            set(g, "ip_gateways", "[" + String.join("; ", gateways.toList()) + "]");
            g.line("   return (`Ok ip)");
            g.blank();
        }

        private void set(Generation g, String what, String value) {
            g.line("   " + module(g) + ".set_" + what + " ip " + value + " >>= fun () ->");
        }

        @Override
        public List<Node> before(Generation g) {
            if (version == 4) {
                return children();
            }
            var own = new ArrayList<>(List.of(ethernet));
            if (!g.asOriginal()) {
                Stream.of(time, clock).filter(Ip::isCustom).forEach(own::add);
            }
            return own;
        }

        private static boolean isCustom(Node node) {
            return !(node instanceof Node.Base(var device) && device instanceof Ambient);
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Ip(
                    version, each.apply(ethernet), each.apply(clock), each.apply(time), config);
        }
    }

    /** UDP over IP. */
    record Udp(Node ip) implements Tcpip {
        @Override
        public List<Node> children() {
            return List.of(ip);
        }

        @Override
        public String variable(Generation g) {
            return g.named(this, "udp" + g.variable(ip), "udp");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of("tcpip.udp");
        }

        @Override
        public void configure(Generation g) {
            String name = variable(g);
            g.line("module " + module(g) + " = Udp.Make(" + g.module(ip) + ")");
            g.blank();
            connect(g, this, ip, name, "ip  ");
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Udp(each.apply(ip));
        }
    }

    /** TCP over IP. */
    record Tcp(Node clock, Node time, Node ip, Node random) implements Tcpip {
        @Override
        public List<Node> children() {
            return List.of(clock, time, ip, random);
        }

        @Override
        public String variable(Generation g) {
            String key = g.variable(ip);
            key = g.variable(time) + key;
            return g.named(this, "tcp" + g.variable(clock) + key, "tcp");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of("tcpip.tcp");
        }

        @Override
        public void configure(Generation g) {
            g.line(
                    "module %s = Tcp.Flow.Make(%s)(%s)(%s)(%s)"
                            .formatted(
                                    module(g),
                                    g.module(ip),
                                    g.module(time),
                                    g.module(clock),
                                    g.module(random)));
            g.blank();
            connect(g, this, ip, g.variable(ip), "ip  ");
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Tcp(each.apply(clock), each.apply(time), each.apply(ip), each.apply(random));
        }
    }

    /**
     * UDP or TCP through the host's sockets.
     *
     * @param protocol "udp" or "tcp"
     */
    record Socket(String protocol, Optional<String> address) implements Tcpip {
        @Override
        public String variable(Generation g) {
            return g.fixed(this, protocol + "v4_socket");
        }

        @Override
        public String module(Generation g) {
            return Ocaml.capitalized(protocol + "v4_socket");
        }

        @Override
        public List<String> libraries(Generation g) {
            if (g.target() == Target.XEN) {
                throw new ConfigException("No socket implementation available for Xen");
            }
            return List.of("tcpip." + protocol + "v4-socket");
        }

        @Override
        public void configure(Generation g) {
            g.line("let " + variable(g) + " () =");
            String indent = protocol.equals("udp") ? " " : "  ";
            g.line(indent + module(g) + ".connect " + argument(g));
            g.blank();
        }

        private String argument(Generation g) {
            if (g.asOriginal()) {
                g.fault(variable(g) + " is given a text where an address is wanted");
                String text =
                        address.map(a -> "Some (Ipaddr.V4.of_string_exn " + a + ")").orElse("None");
                return Ocaml.quoted(text);
            }
            return address.map(a -> "(Some (Ipaddr.V4.of_string_exn " + Ocaml.quoted(a) + "))")
                    .orElse("None");
        }
    }
}
